import { readdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Repository } from "#internal/repository/repository.ts";
import type { NpmSite } from "../../test/fixtures/npm-site.ts";
import { type Fixture, startNpmFixture } from "../../test/fixtures/start-fixtures.ts";
import { openTestMirror, type TestMirror, TTL_MS, testRepository } from "./test-mirror.ts";

const ABBREVIATED = { headers: { accept: "application/vnd.npm.install-v1+json" } };

let npm: Fixture<NpmSite>;
let larder: TestMirror;
let repository: Repository;
beforeEach(async () => {
  [npm, larder] = await Promise.all([startNpmFixture(), openTestMirror()]);
  repository = testRepository("npm", npm.upstream.url);
});
afterEach(() => Promise.all([npm.stop(), larder.close()]));

describe("freshness", () => {
  test("miss, hit, revalidated when it has expired, hit again", async () => {
    const verdicts = [];
    for (const waitMs of [0, 1, TTL_MS - 2, 1, 1, TTL_MS]) {
      larder.advance(waitMs);
      verdicts.push((await larder.get(repository, "larder-left")).verdict);
    }
    expect(verdicts).toEqual(["MISS", "HIT", "HIT", "REVALIDATED", "HIT", "REVALIDATED"]);
    expect(npm.upstream.requestCount()).toBe(3);
    expect(npm.upstream.requests.map(({ headers }) => typeof headers["if-none-match"])).toEqual([
      "undefined",
      "string",
      "string",
    ]);
  });

  test("a version that is published upstream appears when the document has expired", async () => {
    await larder.get(repository, "larder-left");
    npm.site.publish("larder-left", "9.9.9");
    expect((await larder.get(repository, "larder-left")).text).not.toContain("9.9.9");
    larder.advance(TTL_MS);
    const { verdict, text } = await larder.get(repository, "larder-left");
    expect([verdict, Object.keys(JSON.parse(text).versions)]).toEqual(["MISS", expect.arrayContaining(["9.9.9"])]);
  });

  test("a clock that went back makes nothing eternal", async () => {
    await larder.get(repository, "larder-left");
    larder.advance(-86_400_000);
    expect((await larder.get(repository, "larder-left")).verdict).toBe("REVALIDATED");
  });

  test("the repository's own time to live counts, from the next confirmation on", async () => {
    const hasty = { ...repository, metadataTtlMs: 1_000 };
    await larder.get(repository, "larder-left");
    larder.advance(TTL_MS);
    expect((await larder.resolve(hasty, "larder-left")).freshForMs).toBe(1_000);
    larder.advance(1_000);
    expect((await larder.get(hasty, "larder-left")).verdict).toBe("REVALIDATED");
  });

  test("age counts from the last confirmation", async () => {
    await larder.get(repository, "larder-left");
    larder.advance(70_000);
    const { ageMs, freshForMs } = await larder.resolve(repository, "larder-left");
    expect([ageMs, freshForMs]).toEqual([70_000, TTL_MS - 70_000]);
  });

  test("the same bytes again, without a 304: revalidated, and nothing is derived anew", async () => {
    const before = await larder.resolve(repository, "larder-left");
    await larder.resolve(repository, "larder-left", ABBREVIATED);
    const [key = ""] = larder.cache.list("", undefined, 9).map((entry) => entry.key);
    // Without validators the upstream cannot say 304.
    await larder.cache.update(key, (entry) => ({ ...entry, upstreamEtag: undefined, upstreamLastModified: undefined }));
    const forms = Object.keys(larder.cache.find(key)?.representations ?? {});
    larder.advance(TTL_MS);
    const after = await larder.resolve(repository, "larder-left");
    expect([after.verdict, after.body]).toEqual(["REVALIDATED", before.body]);
    expect(forms.length).toBeGreaterThan(2);
    expect(Object.keys(larder.cache.find(key)?.representations ?? {})).toEqual(forms);
    expect((await larder.resolve(repository, "larder-left")).verdict).toBe("HIT");
  });
});

describe("representations", () => {
  test("full, abbreviated, dist-tags and one version come from one upstream fetch", async () => {
    const full = JSON.parse((await larder.get(repository, "larder-left")).text);
    const abbreviated = await larder.get(repository, "larder-left", ABBREVIATED);
    const tags = await larder.get(repository, "-/package/larder-left/dist-tags");
    const version = await larder.get(repository, "larder-left/1.1.0");
    expect(abbreviated.contentType).toBe("application/vnd.npm.install-v1+json");
    expect(JSON.parse(abbreviated.text).versions["1.0.0"].dist).toEqual(full.versions["1.0.0"].dist);
    expect(JSON.parse(tags.text)).toEqual(full["dist-tags"]);
    expect(JSON.parse(version.text).dist.tarball).toBe("http://larder.example/npm/larder-left/-/larder-left-1.1.0.tgz");
    expect(full.time).toBeDefined();
    expect(npm.upstream.requestCount()).toBe(1);
  });

  test("gzip for who accepts it, the same text for who does not; both are stored once", async () => {
    const packed = await larder.get(repository, "larder-left", { gzip: true });
    const plain = await larder.get(repository, "larder-left");
    expect([packed.encoding, plain.encoding]).toEqual(["gzip", "identity"]);
    expect(packed.text).toBe(plain.text);
    const [first, second] = [0, 1].map(() => larder.resolve(repository, "larder-left", { gzip: true }));
    expect(await first).toEqual(await second);
    expect((await first)?.body?.kind).toBe("blob");
  });

  test("a form that is made later is stored too, so that it has a digest at once", async () => {
    await larder.resolve(repository, "larder-left");
    const first = await larder.resolve(repository, "larder-left", ABBREVIATED);
    const second = await larder.resolve(repository, "larder-left", ABBREVIATED);
    expect([first.verdict, first.body]).toEqual(["HIT", second.body]);
  });

  test("a version that the document does not have is a 404 that is remembered with it", async () => {
    const answers = [];
    for (const path of ["larder-left/7.7.7", "larder-left/7.7.7", "larder-left/1.0.0"]) {
      const { verdict, status } = await larder.get(repository, path);
      answers.push(`${verdict} ${status}`);
    }
    expect(answers).toEqual(["MISS 404", "NEGATIVE 404", "HIT 200"]);
    expect(npm.upstream.requestCount()).toBe(1);
  });

  test("fifty versions asked for one by one do not push the entry over its bound", async () => {
    for (let patch = 0; patch < 50; patch++) await larder.resolve(repository, `larder-left/1.0.${patch}`);
    await larder.resolve(repository, "larder-left");
    const [entry] = larder.cache.list("", undefined, 9);
    expect(Object.keys(entry?.representations ?? {})).toHaveLength(32);
    expect((await larder.resolve(repository, "larder-left")).body?.kind).toBe("blob");
  });

  test("another base URL gets documents of its own", async () => {
    await larder.get(repository, "larder-left");
    const renamed = { ...repository, id: "other" };
    expect((await larder.get(renamed, "larder-left")).text).toContain("http://larder.example/other/larder-left/-/");
    expect(npm.upstream.requestCount()).toBe(1);
  });
});

describe("large documents", () => {
  test("3 MB are derived in another thread", async () => {
    npm.site.publishLarge("larder-large", 1_400);
    const { text } = await larder.get(repository, "larder-large", { gzip: true });
    expect(text.length).toBeGreaterThan(2_500_000);
    expect(Object.keys(JSON.parse(text).versions)).toHaveLength(1_400);
    expect(text).not.toContain(npm.upstream.url);
  });

  test("a fault of that thread arrives as the fault it is", async () => {
    npm.site.publishLarge("larder-large", 1_400);
    npm.upstream.behaveFor("/larder-left", { mode: "status", code: 200, body: `<html>${" ".repeat(100_000)}</html>` });
    await expect(larder.get(repository, "larder-left")).rejects.toMatchObject({ reason: "UPSTREAM_INVALID" });
    await expect(larder.get(repository, "larder-large")).resolves.toMatchObject({ status: 200 });
  });

  test("what is larger than allowed is refused, and nothing is stored", async () => {
    const narrow = await openTestMirror({ documentMaxBytes: 1_000 });
    await expect(narrow.get(repository, "larder-left")).rejects.toMatchObject({ reason: "LIMIT_EXCEEDED" });
    expect(narrow.cache.stats()).toMatchObject({ entries: 0, blobs: 0 });
    expect(await narrow.temporaryFiles()).toEqual([]);
    await narrow.close();
  });
});

describe("absence", () => {
  test("a definite 404 is remembered for a minute", async () => {
    const answers = [];
    for (const waitMs of [0, 1, 59_998, 1]) {
      larder.advance(waitMs);
      const { verdict, status } = await larder.get(repository, "nobody-has-this");
      answers.push(`${verdict} ${status}`);
    }
    expect(answers).toEqual(["MISS 404", "NEGATIVE 404", "NEGATIVE 404", "MISS 404"]);
    expect(npm.upstream.requestCount()).toBe(2);
  });

  test("a remembered 404 does not outlive its minute because the upstream is away", async () => {
    await larder.get(repository, "nobody-has-this");
    await npm.upstream.behave("stopped");
    larder.advance(60_000);
    await expect(larder.get(repository, "nobody-has-this")).rejects.toMatchObject({ reason: "UPSTREAM_UNAVAILABLE" });
  });

  test("a package that is published after a 404 is seen when that has expired", async () => {
    await larder.get(repository, "larder-new");
    npm.site.publish("larder-new", "1.0.0");
    larder.advance(60_000);
    expect(await larder.get(repository, "larder-new")).toMatchObject({ verdict: "MISS", status: 200 });
  });

  test("what was there once stays, although the upstream says 404", async () => {
    const before = await larder.get(repository, "larder-left");
    npm.site.unpublish("larder-left");
    larder.advance(TTL_MS);
    const after = await larder.get(repository, "larder-left");
    expect([after.verdict, after.detail, after.text]).toEqual(["STALE", "UPSTREAM_NOT_FOUND", before.text]);
  });
});

describe("damage on disk", () => {
  const blobs = async () => {
    const root = dirname(dirname(larder.cache.blobPath("0".repeat(64))));
    const names = await readdir(root, { recursive: true, withFileTypes: true });
    return names.filter((name) => name.isFile()).map((name) => join(name.parentPath, name.name));
  };

  test("lost forms are made again from the original, without the upstream", async () => {
    const before = await larder.resolve(repository, "larder-left");
    const text = (await larder.read(before.body)).toString();
    await npm.upstream.behave("stopped");
    if (before.body?.kind === "blob") await rm(larder.cache.blobPath(before.body.blob.digest));
    const after = await larder.get(repository, "larder-left", { lost: true });
    expect([after.verdict, after.text]).toEqual(["HIT", text]);
    expect(await larder.get(repository, "larder-left")).toMatchObject({ verdict: "HIT", text });
  });

  test.each([
    { name: "gone", damage: (path: string) => rm(path) },
    { name: "cut short", damage: (path: string) => writeFile(path, "{") },
    { name: "another document", damage: (path: string) => writeFile(path, '{"name":"larder-left","versions":{}}') },
  ])("an original that is $name is fetched again", async ({ damage }) => {
    const before = await larder.get(repository, "larder-left");
    await Promise.all((await blobs()).map(damage));
    expect((await larder.get(repository, "larder-left", { ...ABBREVIATED })).status).toBe(200);
    const after = await larder.get(repository, "larder-left", { lost: true });
    expect(after.text).toBe(before.text);
    expect(npm.upstream.requestCount()).toBe(2);
  });

  test("without the upstream a lost original is an outage, and what else is kept stays", async () => {
    const { body } = await larder.resolve(repository, "larder-left");
    const kept = body?.kind === "blob" ? larder.cache.blobPath(body.blob.digest) : "";
    for (const path of await blobs()) if (path !== kept) await rm(path);
    await npm.upstream.behave("stopped");
    await expect(larder.get(repository, "larder-left", ABBREVIATED)).rejects.toMatchObject({
      reason: "UPSTREAM_UNAVAILABLE",
    });
    expect((await larder.get(repository, "larder-left")).verdict).toBe("HIT");
  });

  test("a purge makes it absent", async () => {
    await larder.get(repository, "larder-left");
    for (const { key } of larder.cache.list(`${repository.uid}/`, undefined, 9)) await larder.cache.remove(key);
    expect(larder.cache.stats()).toMatchObject({ entries: 0, blobs: 0 });
    expect((await larder.get(repository, "larder-left")).verdict).toBe("MISS");
  });
});

test("names that differ in case are two packages, and equal names in two repositories two documents", async () => {
  const other = testRepository("npm", npm.upstream.url, { id: "npm2" });
  const names = await Promise.all(
    [larder.get(repository, "LarderCase"), larder.get(repository, "lardercase"), larder.get(other, "lardercase")].map(
      async (got) => `${(await got).verdict} ${JSON.parse((await got).text).name}`,
    ),
  );
  expect(names).toEqual(["MISS LarderCase", "MISS lardercase", "MISS lardercase"]);
  expect(larder.cache.stats().entries).toBe(3);
  expect(npm.upstream.requestCount()).toBe(3);
});

test("one fetch for many who ask at once, in whatever form", async () => {
  npm.upstream.behaveFor("/larder-left", { mode: "delay", ms: 50 });
  const asked = Array.from({ length: 40 }, (_, index) =>
    larder.get(repository, "larder-left", index % 2 === 0 ? {} : { ...ABBREVIATED, gzip: true }),
  );
  const details = new Set((await Promise.all(asked)).map(({ verdict, detail }) => `${verdict} ${detail}`));
  expect(npm.upstream.requestCount()).toBe(1);
  expect([...details].sort()).toEqual(["MISS joined", "MISS undefined"]);
});

describe("audit", () => {
  const ask = (versions: object) =>
    larder.get(repository, "-/npm/v1/security/advisories/bulk", { body: JSON.stringify(versions) });

  test("is cached by its question", async () => {
    const bad = await ask({ "larder-deprecated": ["1.0.0"] });
    const again = await ask({ "larder-deprecated": ["1.0.0"] });
    const good = await ask({ "larder-deprecated": ["1.0.1"] });
    expect(JSON.parse(bad.text)["larder-deprecated"][0].severity).toBe("high");
    expect([bad.verdict, again.verdict, good.verdict, good.text]).toEqual(["MISS", "HIT", "MISS", "{}"]);
    expect(npm.upstream.requests.map(({ method }) => method)).toEqual(["POST", "POST"]);
  });

  test("an old answer beats none", async () => {
    await ask({ "larder-deprecated": ["1.0.0"] });
    await npm.upstream.behave("stopped");
    larder.advance(3_600_000);
    expect((await ask({ "larder-deprecated": ["1.0.0"] })).verdict).toBe("STALE");
  });
});
