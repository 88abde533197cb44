import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startRoleProcess, testFolder } from "./role-process.ts";

// What stops a start: one line that says what is wrong and where, an exit code, and nothing that goes on running.
test.each([
  {
    settings: { LARDER_HTTP_ADDRESS: "TAKEN" },
    code: 1,
    says: "LARDER_HTTP_ADDRESS: TAKEN is taken by another process",
  },
  {
    settings: { LARDER_GRPC_ADDRESS: "TAKEN" },
    code: 1,
    says: "LARDER_GRPC_ADDRESS: TAKEN is taken by another process",
  },
  {
    settings: { LARDER_ADMIN_ADDRESS: "TAKEN" },
    code: 1,
    says: "LARDER_ADMIN_ADDRESS: TAKEN is taken by another process",
  },
  { settings: { LARDER_HTTP_ADDRESS: "192.0.2.1:0" }, code: 1, says: "192.0.2.1:0 is no address of this machine" },
  { settings: { LARDER_DATA_DIR: "FILE" }, code: 1, says: "FILE/admin-token cannot be used" },
  { settings: { LARDER_CACHE_DIR: "FILE" }, code: 1, says: "FILE/owner.lock cannot be locked" },
  {
    settings: { LARDER_DATABASE_URL: "mysql://root:canary@127.0.0.1:1/larder" },
    code: 1,
    says: "the database at 127.0.0.1:1 cannot be opened: nobody answers",
  },
  { settings: { LARDER_WORKERS: "4" }, code: 2, says: "LARDER_WORKERS must be auto or 1; not yet" },
  {
    settings: { LARDER_ADMIN_TOKEN_FILE: "/" },
    code: 2,
    says: "LARDER_ADMIN_TOKEN_FILE names /, which cannot be read",
  },
  { settings: { LARDER_CONFIG: "FILE" }, code: 2, says: "FILE: must be a mapping of keys to values" },
])("$settings", async ({ settings, code, says }) => {
  const folder = testFolder();
  const file = join(folder, "plain-file");
  writeFileSync(file, "- neither a folder nor a mapping\n");
  const taken = createServer().listen(0, "127.0.0.1");
  await once(taken, "listening");
  const address = `127.0.0.1:${(taken.address() as AddressInfo).port}`;
  const meant = (text: string) => text.replace("FILE", file).replace("TAKEN", address);
  // The keys of the …_FILE settings stay as they are.
  const given = Object.entries(settings).map(([key, value]) => [
    key,
    value === "TAKEN" || value === "FILE" ? meant(value) : value,
  ]);

  const larder = startRoleProcess(folder, Object.fromEntries(given) as Record<string, string>);
  expect(await larder.ended).toBe(code);
  taken.close();
  const want = says.startsWith("FILE") || says.includes("TAKEN") ? meant(says) : says;
  expect(larder.errors()).toContain(want);
  expect(larder.errors().trim().split("\n")).toHaveLength(1);
  expect(larder.output()).not.toContain("larder ready");
  expect(larder.output()).not.toContain("canary");
});

test("a second process on the same data, and a second owner of the same cache, are refused; after kill -9 the next is not", async () => {
  const folder = testFolder();
  const first = startRoleProcess(folder);
  await first.url("http");

  const second = startRoleProcess(folder);
  expect(await second.ended).toBe(1);
  expect(second.errors()).toContain(`another process uses the database ${folder}/data/larder.db: stop it,`);

  const mirror = startRoleProcess(testFolder(), { LARDER_CACHE_DIR: join(folder, "data/cache") }, "mirror");
  expect(await mirror.ended).toBe(1);
  expect(mirror.errors()).toContain(`the cache in ${folder}/data/cache has an owner: stop it,`);

  first.signal("SIGKILL");
  await first.ended;
  const next = startRoleProcess(folder);
  await next.url("http");
  next.signal("SIGTERM");
  expect(await next.ended).toBe(0);
});

test("a gateway whose RepoManager knows another token says what both need", async () => {
  const manager = startRoleProcess(testFolder());
  const url = await manager.url("grpc");
  const settings = { LARDER_REPO_MANAGER_URL: url, LARDER_MIRROR_URL: url };
  const gateway = startRoleProcess(testFolder(), settings, "gateway");
  expect(await gateway.ended).toBe(1);
  expect(gateway.errors()).toMatch(/^RepoManager at http:\S+: .*both need the same LARDER_ADMIN_TOKEN\n$/);
  manager.signal("SIGTERM");
  expect(await manager.ended).toBe(0);
});

test("a key file that was cut short is refused with its path, and stays as it is", async () => {
  const folder = testFolder();
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data/secret-key"), "0123456789abcdef0123456789");
  const larder = startRoleProcess(folder);
  expect(await larder.ended).toBe(1);
  expect(larder.errors()).toBe(
    `${folder}/data/secret-key must be 32 bytes in hex or base64: restore it, or set LARDER_SECRET_KEY\n`,
  );
  expect(readFileSync(join(folder, "data/secret-key"), "utf8")).toBe("0123456789abcdef0123456789");
});

test("secrets come from files, and none of them is told", async () => {
  const folder = testFolder();
  const token = "token-of-the-file-canary";
  const upstreamSecret = "upstream-canary";
  writeFileSync(join(folder, "token"), `${token}\n`);
  writeFileSync(join(folder, "key"), `${randomBytes(32).toString("base64")}\n`);
  writeFileSync(join(folder, "upstream"), `${upstreamSecret}\n`);
  const credential = { bearer: { tokenFile: join(folder, "upstream") } };
  const repository = { id: "files", format: "raw", upstreamUrl: "http://127.0.0.1:1/", credential };
  writeFileSync(join(folder, "larder.yaml"), JSON.stringify({ repositories: [repository] }));
  const larder = startRoleProcess(folder, {
    LARDER_ADMIN_TOKEN_FILE: join(folder, "token"),
    LARDER_SECRET_KEY_FILE: join(folder, "key"),
    LARDER_LOG_LEVEL: "debug",
  });
  const grpc = await larder.url("grpc");
  const list = (authorization: string) =>
    fetch(`${grpc}/larder.v1.RepoManager/ListRepositories`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization },
      body: "{}",
    });
  expect((await list(`Bearer ${token}x`)).status).toBe(401);
  const answer = await (await list(`Bearer ${token}`)).text();
  expect(JSON.parse(answer)).toMatchObject({ repositories: [{ name: "repositories/files", hasCredential: true }] });
  larder.signal("SIGTERM");
  expect(await larder.ended).toBe(0);
  expect(readdirSync(join(folder, "data"))).not.toContain("admin-token");
  const told = [answer, larder.output(), readFileSync(join(folder, "data/larder.db"), "latin1")].join();
  expect(told).not.toContain("canary");
});
