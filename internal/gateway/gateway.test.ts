import { randomBytes } from "node:crypto";
import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { TTL_MS, testRepository } from "#internal/mirror/test-mirror.ts";
import { type Fixtures, startFixtures } from "../../test/fixtures/start-fixtures.ts";
import { openTestGateway, type TestGateway, TOKEN } from "./test-gateway.ts";

const ABBREVIATED = "application/vnd.npm.install-v1+json";
const TARBALL = "/npm/larder-left/-/larder-left-1.0.0.tgz";

let fixtures: Fixtures;
let gateway: TestGateway;
beforeAll(async () => {
  fixtures = await startFixtures();
});
afterAll(() => fixtures.stop());
beforeEach(async () => {
  const { npm, pypi, helm, raw } = fixtures;
  gateway = await openTestGateway([
    testRepository("npm", npm.upstream.url),
    testRepository("npm", npm.upstream.url, { id: "secret", visibility: "PRIVATE" }),
    testRepository("pypi", `${pypi.upstream.url}/simple`, { fileOrigins: [pypi.files.url] }),
    testRepository("helm", helm.upstream.url),
    testRepository("raw", raw.upstream.url),
  ]);
});
afterEach(async () => {
  await gateway.close();
  for (const { upstream } of [fixtures.npm, fixtures.pypi, fixtures.helm, fixtures.raw]) {
    await upstream.behave("normal");
    upstream.clearRequests();
  }
});

describe("what is told of an answer", () => {
  test("a miss, a hit, an old one, a confirmed one, an absence, and what we say ourselves", async () => {
    const told = async (path: string) => {
      const { status, headers } = await gateway.send(path);
      return [status, headers["x-cache"], headers["cache-status"], headers.age];
    };
    expect(await told("/npm/larder-left")).toEqual([200, "MISS", "larder; fwd=miss; ttl=300", "0"]);
    gateway.advance(60_000);
    expect(await told("/npm/larder-left")).toEqual([200, "HIT", "larder; hit; ttl=240", "60"]);
    gateway.advance(TTL_MS);
    expect(await told("/npm/larder-left")).toEqual([
      200,
      "REVALIDATED",
      "larder; fwd=stale; fwd-status=304; ttl=300",
      "0",
    ]);
    expect(await told("/npm/nobody")).toEqual([404, "MISS", "larder; fwd=miss; detail=UPSTREAM_NOT_FOUND", undefined]);
    expect(await told("/npm/nobody")).toEqual([404, "NEGATIVE", "larder; hit; detail=UPSTREAM_NOT_FOUND", undefined]);
    expect(await told("/npm/-/ping")).toEqual([200, "BYPASS", "larder; fwd=bypass", undefined]);
    expect(await told(TARBALL)).toEqual([200, "MISS", "larder; fwd=miss", "0"]);
    expect(await told(TARBALL)).toEqual([200, "HIT", "larder; hit", "0"]);
    gateway.advance(TTL_MS + 1_000);
    await fixtures.npm.upstream.behave("stopped");
    expect(await told("/npm/larder-left")).toEqual([
      200,
      "STALE",
      "larder; fwd=stale; ttl=0; detail=UPSTREAM_UNAVAILABLE",
      "301",
    ]);
  });

  test.each([
    { path: "/npm/larder-left", cacheControl: "public, max-age=300", vary: "Accept, Accept-Encoding" },
    { path: TARBALL, cacheControl: "public, max-age=31536000, immutable", vary: undefined },
    {
      path: "/secret/larder-left",
      cacheControl: "private, max-age=300",
      vary: "Accept, Accept-Encoding, Authorization",
    },
    {
      path: TARBALL.replace("npm", "secret"),
      cacheControl: "private, max-age=31536000, immutable",
      vary: "Authorization",
    },
    { path: "/raw/files/1k.bin", cacheControl: "public, max-age=300", vary: undefined },
  ])("$path may be kept: $cacheControl", async ({ path, cacheControl, vary }) => {
    const { headers } = await gateway.sendTwice(path, { headers: { authorization: `Bearer ${TOKEN}` } });
    expect([headers["cache-control"], headers.vary]).toEqual([cacheControl, vary]);
    expect(headers).toMatchObject({ "x-content-type-options": "nosniff", "accept-ranges": "bytes" });
    expect(headers["content-security-policy"]).toContain("sandbox");
  });

  test("a raw file keeps the upstream's date, what we derive has none", async () => {
    expect((await gateway.send("/raw/files/1k.bin")).headers["last-modified"]).toMatch(/ 2021 .* GMT$/);
    expect((await gateway.send("/npm/larder-left")).headers["last-modified"]).toBeUndefined();
  });

  test("the metrics count it by verdict", async () => {
    await gateway.sendTwice("/npm/larder-left");
    expect(await gateway.metrics.text()).toMatch(/larder_requests_total\{verdict="hit",status="2xx"\} 1/);
  });
});

describe("entity tags", () => {
  test.each([
    { path: "/npm/larder-left" },
    { path: "/npm/-/npm/v1/keys" },
    { path: TARBALL },
    { path: "/pypi/simple/larder-fixture-core/" },
    { path: "/helm/index.yaml" },
    { path: "/raw/files/2m.bin" },
  ])("$path is 304 for its own, and keeps it after a restart of its freshness", async ({ path }) => {
    const { headers } = await gateway.sendTwice(path);
    expect(headers.etag).toMatch(/^"[0-9a-f]{64}"$/);
    for (const tag of [headers.etag, `W/${headers.etag}`, `"other", ${headers.etag}`, "*"]) {
      const again = await gateway.send(path, { headers: { "if-none-match": tag } });
      expect([again.status, again.body.length, again.headers.etag]).toEqual([304, 0, headers.etag]);
      expect(again.headers["content-length"]).toBeUndefined();
    }
    gateway.advance(TTL_MS);
    expect((await gateway.send(path, { headers: { "if-none-match": headers.etag } })).status).toBe(304);
    expect((await gateway.send(path, { headers: { "if-none-match": '"other"' } })).status).toBe(200);
  });

  test("differ by representation, encoding and repository, and are there from the first answer on", async () => {
    const asked = ["application/json", ABBREVIATED].flatMap((accept) => [
      { path: "/npm/larder-left", headers: { accept } },
      { path: "/npm/larder-left", headers: { accept, "accept-encoding": "gzip" } },
      { path: "/secret/larder-left", headers: { accept, authorization: `Bearer ${TOKEN}` } },
    ]);
    const tags = [];
    for (const { path, headers } of asked) tags.push((await gateway.send(path, { headers })).headers.etag);
    expect(new Set(tags).size).toBe(6);
    expect(tags).not.toContain(undefined);
  });

  test("If-Modified-Since for a raw file, and not when a tag is given", async () => {
    const { headers } = await gateway.sendTwice("/raw/files/1k.bin");
    const since = { "if-modified-since": headers["last-modified"] };
    expect((await gateway.send("/raw/files/1k.bin", { headers: since })).status).toBe(304);
    const both = { ...since, "if-none-match": '"other"' };
    expect((await gateway.send("/raw/files/1k.bin", { headers: both })).status).toBe(200);
  });
});

describe("HEAD", () => {
  test.each([
    { path: "/npm/larder-left" },
    { path: TARBALL },
    { path: "/raw/files/20m.bin" },
    { path: "/pypi/simple/larder-fixture-core/" },
    { path: "/npm/-/ping" },
  ])("$path cold and warm has the headers of GET and no body", async ({ path }) => {
    const cold = await gateway.send(path, { method: "HEAD" });
    const get = await gateway.send(path);
    const warm = await gateway.send(path, { method: "HEAD" });
    expect([cold.status, cold.body.length, warm.body.length]).toEqual([200, 0, 0]);
    expect([cold.headers["content-length"], warm.headers["content-length"]]).toEqual(
      Array(2).fill(String(get.body.length)),
    );
    // A file under way has its tag when it has landed, unless the index announces its SHA-256.
    expect(warm.headers.etag).toBe((await gateway.send(path)).headers.etag);
  });

  test("of what is refused has no body either", async () => {
    const { status, body } = await gateway.send("/npm/nobody", { method: "HEAD" });
    expect([status, body.length]).toEqual([404, 0]);
  });
});

describe("compression", () => {
  test.each([
    { accepts: "gzip, deflate, br", want: "gzip" },
    { accepts: "gzip;q=0, br", want: undefined },
    { accepts: "identity", want: undefined },
    { accepts: undefined, want: undefined },
  ])("a document for $accepts is $want", async ({ accepts, want }) => {
    const headers = accepts === undefined ? {} : { "accept-encoding": accepts };
    const plain = await gateway.send("/npm/larder-left");
    const { headers: told, body } = await gateway.send("/npm/larder-left", { headers });
    expect([told["content-encoding"], told["content-length"]]).toEqual([want, String(body.length)]);
    expect(want ? gunzipSync(body) : body).toEqual(plain.body);
  });

  test("a file is never compressed", async () => {
    const { headers } = await gateway.sendTwice("/raw/docs/readme.txt", { headers: { "accept-encoding": "gzip" } });
    expect(headers["content-encoding"]).toBeUndefined();
  });
});

describe("questions with a body", () => {
  const BULK = "/npm/-/npm/v1/security/advisories/bulk";
  const question = JSON.stringify({ "larder-deprecated": ["1.0.0"] });

  test.each([
    { name: "plain", body: question, headers: {} },
    { name: "compressed", body: gzipSync(question), headers: { "content-encoding": "gzip" } },
  ])("$name: asked upstream once", async ({ body, headers }) => {
    const { status, text, headers: told } = await gateway.sendTwice(BULK, { method: "POST", body, headers });
    expect([status, told["x-cache"], text]).toEqual([200, "HIT", expect.stringContaining("advisories.example")]);
    expect(fixtures.npm.upstream.requestCount()).toBe(1);
  });

  test("a condition does not turn its answer into a 304", async () => {
    const headers = { "if-none-match": "*", range: "bytes=0-1" };
    expect((await gateway.sendTwice(BULK, { method: "POST", body: question, headers })).status).toBe(200);
  });
});

describe("paths", () => {
  test("the alias of a common repository manager leads to the same bytes", async () => {
    const direct = await gateway.sendTwice("/npm/larder-left");
    const alias = await gateway.send("/repository/npm/larder-left");
    expect([alias.headers["x-cache"], alias.text]).toEqual(["HIT", direct.text]);
    expect(alias.headers.etag).toBe(direct.headers.etag);
  });

  test("a name in another spelling is sent to the one we keep", async () => {
    const { status, headers } = await gateway.send("/pypi/simple/Foo.Bar_baz/");
    expect([status, headers.location]).toEqual([301, "http://larder.example/pypi/simple/foo-bar-baz/"]);
    expect(headers["x-cache"]).toBe("BYPASS");
  });

  test("whoami says what the format says", async () => {
    const anonymous = await gateway.send("/npm/-/whoami");
    expect([anonymous.status, anonymous.headers["content-type"]]).toEqual([401, "application/json"]);
    const admin = await gateway.send("/npm/-/whoami", { headers: { authorization: `Bearer ${TOKEN}` } });
    expect([admin.status, admin.text]).toEqual([200, '{"username":"admin"}']);
    expect(admin.headers["cache-control"]).toBe("no-store");
  });
});

describe("damage on disk", () => {
  const flipOneByte = async (path: string) => {
    const bytes = await readFile(path);
    bytes.writeUInt8(bytes.readUInt8(10) ^ 1, 10);
    await writeFile(path, bytes);
  };

  test.each([
    { damage: "gone", path: "/raw/files/2m.bin", harm: (path: string) => rm(path), want: "MISS" },
    { damage: "gone", path: "/raw/files/20k.bin", harm: (path: string) => rm(path), want: "MISS" },
    { damage: "cut short", path: "/raw/files/2m.bin", harm: (path: string) => truncate(path, 10), want: "MISS" },
    { damage: "rotten", path: "/raw/files/20k.bin", harm: flipOneByte, want: "MISS" },
    { damage: "rotten", path: TARBALL, harm: flipOneByte, want: "MISS" },
  ])("$path is $damage: fetched again, and healed", async ({ path, harm, want }) => {
    const before = await gateway.send(path);
    const { blob } = gateway.cache.list("", undefined, 9).find(({ kind }) => kind === "file") ?? {};
    await harm(gateway.cache.blobPath(blob?.digest ?? ""));
    const after = await gateway.send(path);
    expect([after.headers["x-cache"], after.body.equals(before.body)]).toEqual([want, true]);
    expect((await gateway.send(path)).headers["x-cache"]).toBe("HIT");
  });

  const rotTheFile = async (): Promise<void> => {
    const { blob } = gateway.cache.list("", undefined, 9).find(({ kind }) => kind === "file") ?? {};
    await flipOneByte(gateway.cache.blobPath(blob?.digest ?? ""));
    fixtures.raw.upstream.clearRequests();
  };

  test("a large rotten file: its client is cut off before the end, and it is healed behind", async () => {
    const { body } = await gateway.send("/raw/files/2m.bin");
    await rotTheFile();
    await expect(gateway.send("/raw/files/2m.bin")).rejects.toThrow();
    expect((await gateway.send("/raw/files/2m.bin")).body.equals(body)).toBe(true);
    expect((await gateway.send("/raw/files/2m.bin")).headers["x-cache"]).toBe("HIT");
    expect(fixtures.raw.upstream.requestCount()).toBe(1);
    expect(gateway.events).toMatchObject([{ type: "BLOB_ROTTEN", facts: { entry: "file/files/2m.bin" } }]);
  });

  test("of which the first bytes are the last ones too: healed in the same answer", async () => {
    fixtures.raw.site.put("/files/300k.bin", randomBytes(300_000));
    const { body } = await gateway.send("/raw/files/300k.bin");
    await rotTheFile();
    const after = await gateway.send("/raw/files/300k.bin");
    expect([after.headers["x-cache"], after.body.equals(body)]).toEqual(["MISS", true]);
    expect(gateway.events).toHaveLength(1);
  });

  test("a part of a rotten file is not sent either, though nothing is wrong with that part", async () => {
    const { body } = await gateway.send("/raw/files/2m.bin");
    await rotTheFile();
    const { status, body: part } = await gateway.send("/raw/files/2m.bin", { headers: { range: "bytes=1000-1999" } });
    expect([status, part.equals(body.subarray(1_000, 2_000))]).toEqual([206, true]);
    expect(gateway.events).toMatchObject([{ type: "BLOB_ROTTEN" }]);
    expect(fixtures.raw.upstream.requestCount()).toBe(1);
  });

  test("while nobody can heal it: nobody gets it", async () => {
    await gateway.send("/raw/files/2m.bin");
    await rotTheFile();
    await fixtures.raw.upstream.behave("stopped");
    await expect(gateway.send("/raw/files/2m.bin")).rejects.toThrow();
    expect((await gateway.send("/raw/files/2m.bin")).status).toBe(503);
  });

  test("a rotten document is made again from its original", async () => {
    const before = await gateway.send("/npm/larder-left");
    const [entry] = gateway.cache.list("", undefined, 9);
    for (const { blob } of Object.values(entry?.representations ?? {})) {
      await flipOneByte(gateway.cache.blobPath(blob?.digest ?? ""));
    }
    await fixtures.npm.upstream.behave("stopped");
    const fresh = { accept: "application/json", "accept-encoding": "gzip" };
    const after = await gateway.send("/npm/larder-left", { headers: fresh });
    expect([after.headers["x-cache"], gunzipSync(after.body).equals(before.body)]).toEqual(["HIT", true]);
  });
});
