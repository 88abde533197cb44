import { rm } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Repository } from "#internal/repository/repository.ts";
import type { PathBehaviour } from "../../test/fixtures/behaviour.ts";
import type { NpmSite } from "../../test/fixtures/npm-site.ts";
import type { RawSite } from "../../test/fixtures/raw-site.ts";
import {
  type Fixture,
  startNpmFixture,
  startRawFixture,
  type TwoHostFixture,
} from "../../test/fixtures/start-fixtures.ts";
import { openTestMirror, type TestMirror, TTL_MS, testRepository } from "./test-mirror.ts";

const TARBALL = "larder-left/-/larder-left-1.0.0.tgz";

let npm: Fixture<NpmSite>;
let raw: TwoHostFixture<RawSite>;
let larder: TestMirror;
let packages: Repository;
let files: Repository;
beforeAll(async () => {
  raw = await startRawFixture();
});
afterAll(() => raw.stop());
beforeEach(async () => {
  [npm, larder] = await Promise.all([startNpmFixture(), openTestMirror()]);
  packages = testRepository("npm", npm.upstream.url);
  files = testRepository("raw", raw.upstream.url);
});
afterEach(async () => {
  await Promise.all([npm.stop(), larder.close(), raw.upstream.behave("normal")]);
  raw.upstream.clearRequests();
});

const tarballOf = (name: string, version: string) => npm.site.packages.get(name)?.versions.get(version)?.tarball;

describe("an announced file", () => {
  test("is fetched once, verified, and kept for ever", async () => {
    await larder.get(packages, "larder-left");
    const first = await larder.get(packages, TARBALL);
    larder.advance(10 * 365 * 86_400_000);
    await npm.upstream.behave("stopped");
    const second = await larder.get(packages, TARBALL);
    expect([first.verdict, second.verdict]).toEqual(["MISS", "HIT"]);
    expect(first.bytes).toEqual(tarballOf("larder-left", "1.0.0"));
    expect(second.bytes).toEqual(first.bytes);
    expect((await larder.resolve(packages, TARBALL)).freshForMs).toBeUndefined();
  });

  test("whose document nobody asked for yet (npm ci): the document is read first", async () => {
    expect((await larder.get(packages, TARBALL)).bytes).toEqual(tarballOf("larder-left", "1.0.0"));
    expect(npm.upstream.requests.map(({ path }) => path)).toEqual(["/larder-left", `/${TARBALL}`]);
    expect((await larder.get(packages, "larder-left")).verdict).toBe("HIT");
  });

  test.each([
    { path: "larder-left/-/larder-left-7.7.7.tgz", name: "not listed" },
    { path: "nobody/-/nobody-1.0.0.tgz", name: "of no package" },
  ])("that is $name is absent, without a request for it", async ({ path }) => {
    await expect(larder.get(packages, path)).rejects.toMatchObject({ reason: "UPSTREAM_NOT_FOUND" });
    await expect(larder.get(packages, path)).rejects.toMatchObject({ reason: "UPSTREAM_NOT_FOUND" });
    expect(npm.upstream.requestCount()).toBe(1);
  });

  test("published a moment ago: a document older than 5 s is read again, a younger one is believed", async () => {
    const path = "larder-left/-/larder-left-9.9.9.tgz";
    await larder.get(packages, "larder-left");
    npm.site.publish("larder-left", "9.9.9");
    larder.advance(4_999);
    await expect(larder.get(packages, path)).rejects.toMatchObject({ reason: "UPSTREAM_NOT_FOUND" });
    larder.advance(1);
    expect((await larder.get(packages, path)).bytes).toEqual(tarballOf("larder-left", "9.9.9"));
    expect(npm.upstream.requestCount()).toBe(3);
  });

  test("that an old document does not list is not called absent while nobody can be asked", async () => {
    await larder.get(packages, "larder-left");
    larder.advance(TTL_MS);
    await npm.upstream.behave("stopped");
    await expect(larder.get(packages, "larder-left/-/larder-left-9.9.9.tgz")).rejects.toMatchObject({
      reason: "UPSTREAM_UNAVAILABLE",
      facts: { cause: "connect" },
    });
  });

  test("listed, but 404: remembered for a minute", async () => {
    npm.upstream.behaveFor(`/${TARBALL}`, { mode: "status", code: 404 });
    const statuses = [];
    for (const waitMs of [0, 59_999, 1]) {
      larder.advance(waitMs);
      const { verdict, status } = await larder.get(packages, TARBALL);
      statuses.push(`${verdict} ${status}`);
    }
    expect(statuses).toEqual(["MISS 404", "NEGATIVE 404", "MISS 404"]);
    expect(npm.upstream.requestCount(`/${TARBALL}`)).toBe(2);
  });

  test.each<{ name: string; behaviour: PathBehaviour; want: string }>([
    { name: "other bytes", behaviour: "wrongBytes", want: "DIGEST_MISMATCH" },
    { name: "a login page", behaviour: "html", want: "DIGEST_MISMATCH" },
    { name: "nothing", behaviour: "empty", want: "DIGEST_MISMATCH" },
    { name: "one byte less and a clean end", behaviour: "short", want: "DIGEST_MISMATCH" },
    { name: "less than announced", behaviour: { mode: "truncate", afterBytes: 50_000 }, want: "UPSTREAM_UNAVAILABLE" },
    { name: "a pause without end", behaviour: { mode: "stall", afterBytes: 50_000 }, want: "UPSTREAM_UNAVAILABLE" },
    { name: "chunks without an end", behaviour: "unterminated", want: "UPSTREAM_UNAVAILABLE" },
  ])("the upstream sends $name: $want, nobody gets the end, nothing is stored", async ({ behaviour, want }) => {
    const { tarball = Buffer.alloc(0) } = npm.site.publish("larder-big", "1.0.0", { files: { "noise.txt": noise() } });
    const path = "larder-big/-/larder-big-1.0.0.tgz";
    npm.upstream.behaveFor(`/${path}`, behaviour);
    const { body } = await larder.resolve(packages, path);
    const received: Buffer[] = [];
    const reading = async () => {
      if (body?.kind !== "stream") throw new Error("no stream");
      for await (const chunk of body.stream.read(0, undefined)) received.push(Buffer.from(chunk));
    };
    await expect(reading()).rejects.toMatchObject({ reason: want });
    expect(Buffer.concat(received).length).toBeLessThan(tarball.length);
    expect(larder.cache.find(`${packages.uid}/file/${path}`)).toBeUndefined();
    expect(await larder.temporaryFiles()).toEqual([]);
    expect(larder.mirror.flights()).toBe(0);
    expect(larder.events.map(({ type }) => type)).toEqual(want === "DIGEST_MISMATCH" ? ["DIGEST_MISMATCH"] : []);

    await npm.upstream.behave("normal");
    // Stalled twice, for the rest was asked for too: longer than its breaker stays open.
    larder.advance(1_000);
    expect((await larder.get(packages, path)).bytes).toEqual(tarball);
  });

  test("the event of wrong bytes names the file and both digests, and no secret", async () => {
    npm.upstream.behaveFor(`/${TARBALL}`, "wrongBytes");
    await expect(larder.get(packages, TARBALL)).rejects.toThrow();
    expect(larder.events[0]).toMatchObject({
      repository: packages,
      facts: { path: TARBALL, what: "sha512", announced: expect.any(String), actual: expect.any(String) },
    });
  });

  test("its bytes gone from the disk: fetched again", async () => {
    await larder.get(packages, TARBALL);
    const { body } = await larder.resolve(packages, TARBALL);
    if (body?.kind === "blob") await rm(larder.cache.blobPath(body.blob.digest));
    expect((await larder.get(packages, TARBALL, { lost: true })).verdict).toBe("MISS");
    // Whoever believes them lost when they are back does no harm.
    expect((await larder.get(packages, TARBALL, { lost: true })).verdict).toBe("HIT");
    expect(npm.upstream.requestCount(`/${TARBALL}`)).toBe(2);
  });

  test("the same version keeps the same bytes, although it was evicted and the upstream announces others", async () => {
    const before = await larder.get(packages, TARBALL);
    await larder.cache.remove(`${packages.uid}/file/${TARBALL}`);
    expect((await larder.get(packages, TARBALL)).bytes).toEqual(before.bytes);
    await larder.cache.remove(`${packages.uid}/file/${TARBALL}`);
    npm.site.publish("larder-left", "1.0.0", { manifest: { description: "other bytes" } });
    larder.advance(TTL_MS);
    await larder.get(packages, "larder-left");
    await expect(larder.get(packages, TARBALL)).rejects.toMatchObject({ reason: "DIGEST_MISMATCH" });
    expect(larder.events).toHaveLength(1);
    expect(larder.events[0]?.message).toContain("first seen");
  });
});

describe("a raw file", () => {
  test("miss, hit, revalidated by a 304, fetched anew when it has changed", async () => {
    const verdicts = [];
    raw.site.put("/files/changing.txt", "one");
    for (const [waitMs, content] of [[0], [1], [TTL_MS], [TTL_MS, "two"], [1]] as [number, string?][]) {
      larder.advance(waitMs);
      if (content) raw.site.put("/files/changing.txt", content);
      const { verdict, text } = await larder.get(files, "files/changing.txt");
      verdicts.push(`${verdict} ${text}`);
    }
    expect(verdicts).toEqual(["MISS one", "HIT one", "REVALIDATED one", "MISS two", "HIT two"]);
  });

  test("what was there once stays when the upstream removes it", async () => {
    raw.site.put("/files/leaving.txt", "one");
    await larder.get(files, "files/leaving.txt");
    raw.site.remove("/files/leaving.txt");
    larder.advance(TTL_MS);
    expect(await larder.get(files, "files/leaving.txt")).toMatchObject({
      verdict: "STALE",
      detail: "UPSTREAM_NOT_FOUND",
      text: "one",
    });
  });

  test("of no bytes at all", async () => {
    const { status, bytes } = await larder.get(files, "files/empty.bin");
    expect([status, bytes.length]).toEqual([200, 0]);
    expect((await larder.get(files, "files/empty.bin")).verdict).toBe("HIT");
  });

  test.each([
    { path: "redirect/file", want: "files/1k.bin" },
    { path: "redirect/elsewhere", want: "files/1k.bin" },
  ])("$path is followed here, not by the client", async ({ path, want }) => {
    raw.site.elsewhereUrl = raw.files.url;
    expect((await larder.get(files, path)).bytes).toEqual(raw.site.bytesOf(`/${want}`));
  });

  test("larger than allowed is refused, whether its size is told or not", async () => {
    const narrow = await openTestMirror({ fileMaxBytes: 10_000 });
    await expect(narrow.get(files, "files/20k.bin")).rejects.toMatchObject({ reason: "LIMIT_EXCEEDED" });
    await raw.upstream.behave("short");
    await expect(narrow.get(files, "files/20k.bin")).rejects.toMatchObject({ reason: "LIMIT_EXCEEDED" });
    expect(narrow.cache.stats().entries).toBe(0);
    expect(await narrow.temporaryFiles()).toEqual([]);
    await narrow.close();
  });

  test("names that differ in case, and equal names in two repositories, do not mix", async () => {
    const other = testRepository("raw", raw.files.url, { id: "other" });
    raw.site.put("/files/Case.txt", "upper");
    raw.site.put("/files/case.txt", "lower");
    const texts = [
      (await larder.get(files, "files/Case.txt")).text,
      (await larder.get(files, "files/case.txt")).text,
      (await larder.get(other, "files/case.txt")).status,
    ];
    expect(texts).toEqual(["upper", "lower", 404]);
  });
});

describe("one fetch for everybody", () => {
  test("fifty readers of a cold 20 MB file: one request, all bytes right, and who leaves early hurts nobody", async () => {
    const want = raw.site.bytesOf("/files/20m.bin");
    const readers = Array.from({ length: 50 }, () => larder.resolve(files, "files/20m.bin"));
    const [leaver, ...others] = await Promise.all(readers);
    if (leaver?.body?.kind !== "stream") throw new Error("no stream");
    for await (const chunk of leaver.body.stream.read(0, undefined)) if (chunk.length > 0) break;
    const bodies = others.map(async ({ body }) => {
      if (body?.kind !== "stream") throw new Error("no stream");
      let at = 0;
      for await (const chunk of body.stream.read(0, undefined)) {
        expect(chunk.equals(want.subarray(at, at + chunk.length))).toBe(true);
        at += chunk.length;
      }
      return at;
    });
    expect(new Set(await Promise.all(bodies))).toEqual(new Set([want.length]));
    expect(raw.upstream.requestCount()).toBe(1);
    expect((await larder.get(files, "files/20m.bin")).verdict).toBe("HIT");
  });

  test("a fetch that everybody has left goes on to its end", async () => {
    const { body } = await larder.resolve(files, "files/2m.bin");
    if (body?.kind !== "stream") throw new Error("no stream");
    await body.stream.read(0, undefined)[Symbol.asyncIterator]().return?.();
    await vi.waitFor(() => expect(larder.mirror.flights()).toBe(0));
    expect((await larder.get(files, "files/2m.bin")).verdict).toBe("HIT");
    expect(raw.upstream.requestCount()).toBe(1);
  });

  test("a failure reaches all who wait, and the next one fetches anew", async () => {
    await raw.upstream.behave({ mode: "truncate", afterBytes: 1_000_000 });
    const readers = await Promise.allSettled(Array.from({ length: 10 }, () => larder.get(files, "files/2m.bin")));
    expect(new Set(readers.map(({ status }) => status))).toEqual(new Set(["rejected"]));
    await raw.upstream.behave("normal");
    expect((await larder.get(files, "files/2m.bin")).bytes.length).toBe(2_097_152);
  });
});

/** 200 KB that do not compress away. */
function noise(): string {
  let text = "";
  for (let value = 1; text.length < 200_000; value = (value * 48_271) % 2_147_483_647) text += value.toString(36);
  return text;
}
