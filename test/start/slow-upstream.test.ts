import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { startRoleProcess, testFolder } from "./role-process.ts";

const TOKEN = "token-of-this-test";

async function stateOf(grpc: string): Promise<unknown> {
  const response = await fetch(`${grpc}/larder.v1.RepoManager/GetRepository`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${TOKEN}` },
    body: JSON.stringify({ name: "repositories/files" }),
  });
  return ((await response.json()) as { state: unknown }).state;
}

test("a start does not wait for an upstream that hangs: it is looked at again while Larder serves, and at the next start", async () => {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const upstream = createServer(async (_request, response) => {
    await released;
    response.end("a file");
  }).listen(0, "127.0.0.1");
  await once(upstream, "listening");
  const upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}/`;
  const folder = testFolder();
  const repositories = [{ id: "files", format: "raw", upstreamUrl, visibility: "PUBLIC" }];
  writeFileSync(join(folder, "larder.yaml"), JSON.stringify({ repositories }));
  // Whoever waited for it would wait longer than this test may take.
  const start = () => startRoleProcess(folder, { LARDER_ADMIN_TOKEN: TOKEN, LARDER_UPSTREAM_TIMEOUT: "10m" });

  const first = start();
  expect(await stateOf(await first.url("grpc"))).toBe("REPOSITORY_STATE_UNREACHABLE");
  first.signal("SIGTERM");
  expect(await first.ended).toBe(0);

  const second = start();
  const grpc = await second.url("grpc");
  expect(await stateOf(grpc)).toBe("REPOSITORY_STATE_UNREACHABLE");
  release();
  while ((await stateOf(grpc)) !== "REPOSITORY_STATE_ACTIVE") await sleep(50);
  second.signal("SIGTERM");
  expect(await second.ended).toBe(0);
  expect(first.errors() + second.errors()).not.toMatch(/"level":"error"|could not be looked at/);
  upstream.close();
});
