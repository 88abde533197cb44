import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { freePort } from "../services/free-port.ts";
import { startRoleProcess, testFolder } from "./role-process.ts";

const BODY = "the rest comes when it comes";

test("SIGTERM: not ready any more, the download under way ends whole, streams and silent connections do not hold it up, exit 0", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>();
  const upstream = createServer(async (_request, response) => {
    isAsked();
    await released;
    response.end(BODY);
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`;
  const folder = testFolder();
  const repository = { id: "files", format: "raw", upstreamUrl, visibility: "PUBLIC", upstreamMode: "OFFLINE" };
  const config = join(folder, "larder.yaml");
  // Offline at first: the start would look at the upstream.
  writeFileSync(config, JSON.stringify({ repositories: [repository] }));
  const token = "token-of-this-test";
  const larder = startRoleProcess(folder, { LARDER_ADMIN_TOKEN: token, LARDER_UPSTREAM_TIMEOUT: "50s" });
  const [http, grpc, admin] = await Promise.all(["http", "grpc", "admin"].map(larder.url));
  const online = await fetch(`${grpc}/larder.v1.MirrorService/SetUpstreamMode`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify({ name: "repositories/files", upstreamMode: "UPSTREAM_MODE_ONLINE" }),
  });
  expect(online.status).toBe(200);
  const readiness = async () => (await (await fetch(`${admin}/readyz`)).json()) as { ready: boolean };
  expect(await readiness()).toMatchObject({ ready: true, details: { process: "ok", database: "ok" } });

  // A connection that says nothing, a stream without an end, and the download.
  const silent = connect(Number(new URL(grpc ?? "").port), "127.0.0.1").on("error", () => undefined);
  await once(silent, "connect");
  const watch = await fetch(`${grpc}/grpc.health.v1.Health/Watch`, {
    method: "POST",
    headers: { "content-type": "application/connect+json" },
    body: Buffer.concat([Buffer.from([0, 0, 0, 0, 2]), Buffer.from("{}")]),
  });
  const watched = watch.text();
  const download = fetch(`${http}/files/a.bin`);
  await asked;

  larder.signal("SIGTERM");
  while ((await readiness()).ready) await sleep(10);
  expect(await readiness()).toMatchObject({ ready: false, details: { process: "unavailable", database: "ok" } });
  release();
  expect(await (await download).text()).toBe(BODY);
  await watched;
  expect(await larder.ended).toBe(0);
  expect(larder.errors()).not.toContain('"level":"error"');
  upstream.close();
});

test("SIGTERM while it starts: exit 0, and neither a ready line nor an error", async () => {
  const port = await freePort();
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const settings = {
    LARDER_REPO_MANAGER_URL: nobody,
    LARDER_MIRROR_URL: nobody,
    LARDER_ADMIN_ADDRESS: `127.0.0.1:${port}`,
  };
  const gateway = startRoleProcess(testFolder(), settings, "gateway");
  const admin = (path: string) => fetch(`http://127.0.0.1:${port}${path}`).catch(() => undefined);
  while ((await admin("/livez"))?.status !== 200) await sleep(10);
  expect((await admin("/readyz"))?.status).toBe(503);
  gateway.signal("SIGTERM");
  expect(await gateway.ended).toBe(0);
  expect(gateway.output()).toBe("");
});
