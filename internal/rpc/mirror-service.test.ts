import { createHash } from "node:crypto";
import { readFile, rm, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { CacheVerdict } from "#gen/larder/v1/mirror_service_pb.ts";
import { UpstreamMode } from "#gen/larder/v1/resources_pb.ts";
import { startTestProcess, type TestProcess } from "./start-test-process.ts";

const BIG = Buffer.alloc(1_500_000, "0123456789abcdef");
const SMALL = Buffer.from("small file");
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const packument = (name: string) => ({
  name,
  "dist-tags": { latest: "1.0.0" },
  versions: {
    "1.0.0": {
      name,
      version: "1.0.0",
      dist: { tarball: `http://registry.example/${name}.tgz`, shasum: "0".repeat(40) },
    },
  },
  readme: "r".repeat(3_000),
});

let larder: TestProcess;
let mirror: TestProcess["clients"]["mirror"];
beforeAll(async () => {
  larder = await startTestProcess();
  mirror = larder.clients.mirror;
  const { upstream, clients } = larder;
  for (const [repositoryId, format] of [
    ["files", "raw"],
    ["other", "raw"],
    ["npm", "npm"],
  ] as const) {
    await clients.repoManager.createRepository({ repositoryId, repository: { format, upstreamUrl: upstream.url } });
  }
  for (const name of ["big", "lost", "broken", "purge/1", "purge/2"]) upstream.files.set(`/${name}.bin`, BIG);
  upstream.files.set("/small.txt", SMALL);
  upstream.files.set("/left-pad", Buffer.from(JSON.stringify(packument("left-pad"))));
  upstream.files.set("/-/npm/v1/security/advisories/bulk", Buffer.from("{}"));
});
beforeEach(() => {
  larder.upstream.gate = Promise.resolve();
});
afterAll(() => larder.close());

const resolve = (path: string, more: object = {}) =>
  mirror.resolve({ repository: "repositories/files", method: "GET", path, ...more });
async function read(readToken: string, offset = 0n, length = 0n): Promise<Buffer> {
  const messages = await Array.fromAsync(mirror.read({ readToken, offset, length }));
  for (const { data } of messages) expect(data.length).toBeLessThanOrEqual(256 * 1024);
  return Buffer.concat(messages.map(({ data }) => data));
}
const refused = (reason: string) => expect.objectContaining({ name: "Fault", reason });

test("a file is read while it is being fetched, then from disk by digest", async () => {
  const gate = Promise.withResolvers<void>();
  larder.upstream.gate = gate.promise;
  const first = await resolve("big.bin");
  expect(first).toMatchObject({ verdict: CacheVerdict.MISS, status: 200, digest: "", etag: "", sizeBytes: 1_500_000n });
  const bytes = mirror.read({ readToken: first.readToken })[Symbol.asyncIterator]();
  const begin = await bytes.next();
  gate.resolve();
  const rest = await Array.fromAsync({ [Symbol.asyncIterator]: () => bytes });
  const whole = Buffer.concat([begin.value, ...rest].map(({ data }) => data));
  expect(sha256(whole)).toBe(sha256(BIG));

  const second = await resolve("big.bin");
  expect(second).toMatchObject({
    verdict: CacheVerdict.HIT,
    digest: sha256(BIG),
    etag: `"${sha256(BIG)}"`,
    sizeBytes: 1_500_000n,
  });
  expect(await read(second.readToken)).toEqual(BIG);
  expect(await read(second.readToken, 1_000_000n, 7n)).toEqual(BIG.subarray(1_000_000, 1_000_007));
  expect(await read(second.readToken, 1_499_990n, 999n)).toEqual(BIG.subarray(1_499_990));
  expect(await read(second.readToken, 1_500_000n)).toEqual(Buffer.alloc(0));
});

test("a fetch that breaks ends the stream with its fault", async () => {
  const gate = Promise.withResolvers<void>();
  larder.upstream.gate = gate.promise;
  const { readToken } = await resolve("broken.bin");
  const whole = read(readToken);
  gate.reject(new Error("cut"));
  await expect(whole).rejects.toEqual(refused("UPSTREAM_UNAVAILABLE"));
});

test("bytes that have left the disk since are fetched again", async () => {
  await read((await resolve("lost.bin")).readToken);
  const { readToken, digest, verdict } = await resolve("lost.bin");
  expect(verdict).toBe(CacheVerdict.HIT);
  await rm(larder.cache.blobPath(digest));
  expect(sha256(await read(readToken))).toBe(digest);
});

test("a gateway that shares the disk says that bytes are gone", async () => {
  await read((await resolve("small.txt")).readToken);
  await rm(larder.cache.blobPath((await resolve("small.txt")).digest));
  const before = larder.upstream.requests;
  expect((await resolve("small.txt", { lost: true })).verdict).toBe(CacheVerdict.MISS);
  expect(larder.upstream.requests).toBe(before + 1);
});

test("a document comes in the form and coding that is asked for", async () => {
  const npm = (headers: Record<string, string>) =>
    mirror.resolve({ repository: "repositories/npm", method: "GET", path: "left-pad", headers });
  const plain = await npm({});
  expect(plain).toMatchObject({ verdict: CacheVerdict.MISS, contentEncoding: "identity" });
  expect(plain.freshFor).toBeDefined();
  const body = await read(plain.readToken);
  expect(JSON.parse(body.toString())).toMatchObject({ name: "left-pad" });
  expect(body.length).toBe(Number(plain.sizeBytes));
  const coded = await npm({ "accept-encoding": "gzip", cookie: "ignored" });
  expect(coded).toMatchObject({ verdict: CacheVerdict.HIT, contentEncoding: "gzip" });
  const abbreviated = await npm({ accept: "application/vnd.npm.install-v1+json" });
  expect(abbreviated.contentType).toContain("vnd.npm.install");
  expect(sha256(await read(abbreviated.readToken))).toBe(abbreviated.digest);
});

test.each([
  { name: "plain", headers: {}, body: Buffer.from('{"left-pad":["1.0.0"]}') },
  { name: "compressed", headers: { "content-encoding": "gzip" }, body: gzipSync('{"left-pad":["1.0.0"]}') },
])("a question is asked with its body, $name", async ({ headers, body }) => {
  const path = "-/npm/v1/security/advisories/bulk";
  const request = { repository: "repositories/npm", method: "POST", path, headers, body: new Uint8Array(body) };
  const { status, readToken } = await mirror.resolve(request);
  expect(status).toBe(200);
  expect((await read(readToken)).toString()).toBe("{}");
});

test("a definite absence is remembered, without a body", async () => {
  expect(await resolve("absent.txt")).toMatchObject({ verdict: CacheVerdict.MISS, status: 404, readToken: "" });
  expect(await resolve("absent.txt")).toMatchObject({ verdict: CacheVerdict.NEGATIVE, status: 404 });
});

test("entries are listed, read and forgotten, each repository its own", async () => {
  for (const path of ["purge/1.bin", "purge/2.bin"]) await read((await resolve(path)).readToken);
  const parent = "repositories/files";
  const first = await mirror.listEntries({ parent, prefix: "file/purge/", pageSize: 1 });
  const second = await mirror.listEntries({
    parent,
    prefix: "file/purge/",
    pageSize: 1,
    pageToken: first.nextPageToken,
  });
  expect([...first.entries, ...second.entries].map(({ name }) => name)).toEqual(
    ["1", "2"].map((number) => `repositories/files/entries/file%2Fpurge%2F${number}.bin`),
  );
  expect(second.nextPageToken).toBe("");
  const [entry] = first.entries;
  expect(entry).toMatchObject({ kind: "FILE", status: 200, digest: sha256(BIG), sizeBytes: 1_500_000n });
  expect(await mirror.getEntry({ name: entry?.name ?? "" })).toEqual(entry);
  const { uid } = await larder.database.repositories.get("files");
  expect(JSON.stringify([...first.entries], (_, value) => `${value}`)).not.toContain(uid);
  expect((await mirror.listEntries({ parent: "repositories/other" })).entries).toEqual([]);
  expect(await mirror.purgeEntries({ parent: "repositories/other", all: true })).toMatchObject({ purgedCount: 0n });

  const purged = await mirror.purgeEntries({ parent, prefix: "file/purge/" });
  expect(purged).toMatchObject({ purgedCount: 2n, purgedBytes: 3_000_000n });
  await expect(mirror.getEntry({ name: entry?.name ?? "" })).rejects.toEqual(refused("ENTRY_NOT_FOUND"));
  expect((await resolve("purge/1.bin")).verdict).toBe(CacheVerdict.MISS);
});

test("offline: what is kept is there, what is absent says so; for one repository or all", async () => {
  await read((await resolve("small.txt")).readToken);
  const name = "repositories/files";
  const repository = await mirror.setUpstreamMode({ name, upstreamMode: UpstreamMode.OFFLINE });
  expect(repository).toMatchObject({ name, upstreamMode: UpstreamMode.OFFLINE });
  expect((await resolve("small.txt")).verdict).toBe(CacheVerdict.HIT);
  await expect(resolve("never-seen.txt")).rejects.toMatchObject({
    reason: "UPSTREAM_OFFLINE",
    facts: { retryAfterSeconds: "5" },
  });
  const all = await mirror.setUpstreamMode({ name: "repositories/-", upstreamMode: UpstreamMode.ONLINE });
  expect(all).toMatchObject({ name: "repositories/-", upstreamMode: UpstreamMode.ONLINE });
  expect((await larder.clients.repoManager.getRepository({ name })).upstreamMode).toBe(UpstreamMode.ONLINE);
});

test("the cache is verified, of one repository and of all, and healed", async () => {
  const one = { name: "repositories/other" };
  await resolve("small.txt", { repository: one.name }).then(({ readToken }) => read(readToken));
  const { uid } = await larder.database.repositories.get("other");
  const [entry] = larder.cache.list(`${uid}/`, undefined, 1);
  const harm = () => writeFile(larder.cache.blobPath(entry?.blob?.digest ?? ""), "smell file");
  const verify = async (request: { name: string; heal?: boolean }) =>
    Array.fromAsync(mirror.verifyCache(request), ({ $typeName: _, ...message }) => message);

  await harm();
  const told = await verify(one);
  expect(told[0]?.damage).toMatchObject({ entry: "repositories/other/entries/file%2Fsmall.txt", state: "ROTTEN" });
  expect(told.at(-1)).toMatchObject({ checkedEntries: 1n, checkedBytes: 10n, rottenBodies: 1n, done: true });
  const healed = (await verify({ ...one, heal: true })).at(-1);
  expect(healed).toMatchObject({ rottenBodies: 0n, missingBodies: 1n, healedBodies: 1n, unrepairableBodies: 0n });
  const all = (await verify({ name: "repositories/-" })).at(-1);
  expect(all).toMatchObject({ checkedEntries: BigInt(larder.cache.stats().entries), rottenBodies: 0n, done: true });
});

test("a large rotten body ends its stream with a fault, and is healed behind", async () => {
  await resolve("big.bin").then(({ readToken }) => read(readToken));
  const { digest, readToken } = await resolve("big.bin");
  await writeFile(larder.cache.blobPath(digest), Buffer.alloc(BIG.length, "rot"));
  await expect(read(readToken)).rejects.toEqual(refused("STORAGE_UNAVAILABLE"));
  await vi.waitFor(async () => expect(await readFile(larder.cache.blobPath(digest))).toEqual(BIG));
  expect((await read((await resolve("big.bin")).readToken)).equals(BIG)).toBe(true);
});

test("the first digest of a file is in the catalogue, with its package", async () => {
  const path = "sound/-/sound-1.0.0.tgz";
  const document = packument("sound");
  document.versions["1.0.0"].dist = {
    tarball: `${larder.upstream.url}sound.tgz`,
    shasum: createHash("sha1").update(SMALL).digest("hex"),
  };
  larder.upstream.files.set("/sound", Buffer.from(JSON.stringify(document)));
  larder.upstream.files.set("/sound.tgz", SMALL);
  const { readToken } = await resolve(path, { repository: "repositories/npm" });
  expect((await read(readToken)).equals(SMALL)).toBe(true);
  const { uid } = await larder.database.repositories.get("npm");
  await vi.waitFor(async () => expect(await larder.database.ledger.find(uid, path)).toBe(sha256(SMALL)));
});

test("the counters tell what was done", async () => {
  await resolve("small.txt");
  const stats = await mirror.getMirrorStats({});
  expect(stats.maxBytes).toBe(1_000_000_000n);
  expect(stats.verdicts.HIT).toBeGreaterThan(0n);
  expect(stats.upstreams).toContainEqual(expect.objectContaining({ origin: larder.upstream.url.slice(0, -1) }));
  expect(stats.startTime).toBeDefined();
});

test.each<{ name: string; ask: () => Promise<unknown>; want: string }>([
  {
    name: "a path of no registry",
    ask: () => resolve("", { repository: "repositories/npm" }),
    want: "ROUTE_NOT_FOUND",
  },
  {
    name: "what the gateway answers itself",
    ask: () => resolve("-/ping", { repository: "repositories/npm" }),
    want: "ROUTE_NOT_FOUND",
  },
  {
    name: "an absent repository",
    ask: () => resolve("a", { repository: "repositories/absent" }),
    want: "REPOSITORY_NOT_FOUND",
  },
  { name: "another method", ask: () => resolve("small.txt", { method: "PUT" }), want: "METHOD_NOT_ALLOWED" },
  { name: "a path that climbs", ask: () => resolve("a/%2e%2E/b"), want: "ARGUMENT_INVALID" },
  { name: "an absolute path", ask: () => resolve("/a"), want: "ARGUMENT_INVALID" },
  { name: "a backslash", ask: () => resolve("a%5cb"), want: "ARGUMENT_INVALID" },
  { name: "a long path", ask: () => resolve("a".repeat(5_000)), want: "REQUEST_TOO_LARGE" },
  {
    name: "a long header",
    ask: () => resolve("a", { headers: { accept: "a".repeat(5_000) } }),
    want: "REQUEST_TOO_LARGE",
  },
  {
    name: "a body that is no gzip",
    ask: () =>
      resolve("-/npm/v1/security/advisories/bulk", {
        ...{ repository: "repositories/npm", method: "POST", body: new Uint8Array(9) },
        headers: { "content-encoding": "gzip" },
      }),
    want: "ARGUMENT_INVALID",
  },
  {
    name: "a body that grows too large",
    ask: () =>
      resolve("-/npm/v1/security/advisories/bulk", {
        ...{ repository: "repositories/npm", method: "POST", body: new Uint8Array(gzipSync(Buffer.alloc(20_000_000))) },
        headers: { "content-encoding": "gzip" },
      }),
    want: "REQUEST_TOO_LARGE",
  },
  { name: "a token that was never given", ask: () => read("AAAAAAAAAAAAAAAAAAAAAA"), want: "ENTRY_NOT_FOUND" },
  { name: "a negative offset", ask: () => read("a", -1n), want: "ARGUMENT_INVALID" },
  {
    name: "an offset beyond the end",
    ask: async () => read((await resolve("small.txt")).readToken, 11n),
    want: "RANGE_NOT_SATISFIABLE",
  },
  {
    name: "an absent entry",
    ask: () => mirror.getEntry({ name: "repositories/files/entries/file%2Fno" }),
    want: "ENTRY_NOT_FOUND",
  },
  {
    name: "entries of an absent repository",
    ask: () => mirror.listEntries({ parent: "repositories/absent" }),
    want: "REPOSITORY_NOT_FOUND",
  },
  {
    name: "a verification of an absent repository",
    ask: () => Array.fromAsync(mirror.verifyCache({ name: "repositories/absent" })),
    want: "REPOSITORY_NOT_FOUND",
  },
  {
    name: "a verification of nothing",
    ask: () => Array.fromAsync(mirror.verifyCache({})),
    want: "ARGUMENT_INVALID",
  },
  {
    name: "a purge of nothing",
    ask: () => mirror.purgeEntries({ parent: "repositories/files" }),
    want: "ARGUMENT_INVALID",
  },
  { name: "no mode", ask: () => mirror.setUpstreamMode({ name: "repositories/files" }), want: "ARGUMENT_INVALID" },
  {
    name: "a mode that is none",
    ask: () => mirror.setUpstreamMode({ name: "repositories/files", upstreamMode: 5 as never }),
    want: "ARGUMENT_INVALID",
  },
])("$name: $want", async ({ ask, want }) => {
  await expect(ask()).rejects.toEqual(refused(want));
});
