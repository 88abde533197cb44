import { createHash } from "node:crypto";
import { existsSync, fstatSync, readFileSync, readSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { describe, expect, onTestFinished, test } from "vitest";
import type { BlobRef, BlobState, Cache, StoredAnnouncement } from "./cache.ts";
import { commitBlob, putFile, testEntry } from "./test-entry.ts";
import { testFolder } from "./test-folder.ts";

/** What the contract lets vary; an implementation adds the rest of its options. */
export interface ContractOptions {
  readonly directory: string;
  readonly maxBytes: number;
  readonly nowMs?: () => number;
}

/** What every cache keeps, called by each implementation's test. `open` opens the same cache again when the directory is the same. */
export function cacheContract(name: string, open: (options: ContractOptions) => Promise<Cache>): void {
  async function opened(options: Partial<ContractOptions> = {}): Promise<Cache> {
    const cache = await open({ directory: testFolder(), maxBytes: 1_000_000, ...options });
    onTestFinished(() => cache.close());
    return cache;
  }

  describe(`${name}: entries`, () => {
    test("an entry comes back as it was put, after a restart too", async () => {
      const directory = testFolder();
      const first = await open({ directory, maxBytes: 1_000_000 });
      const blob = await commitBlob(first, "original");
      const full = {
        blob: await commitBlob(first, "gzip"),
        contentType: "application/json",
        encoding: "gzip",
      } as const;
      const absent = { blob: undefined, contentType: "text/plain", encoding: "identity" } as const;
      const entry = testEntry("r/document/left-pad", {
        kind: "document",
        blob,
        upstreamLastModified: "Mon, 01 Jan 2024 00:00:00 GMT",
        freshForMs: 300_000,
        version: "1.0.0",
        representations: { full, "version/9.9.9": absent, ["__proto__"]: full, constructor: absent },
      });
      await first.put(entry);
      expect(first.find(entry.key)).toEqual(entry);
      await first.close();

      const second = await opened({ directory });
      expect(second.find(entry.key)).toEqual(entry);
      expect(Object.keys(second.find(entry.key)?.representations ?? {})).toContain("__proto__");
      expect((await second.readBlob(blob.digest))?.toString()).toBe("original");
    });

    test("a negative entry has no blob", async () => {
      const cache = await opened();
      await cache.put(testEntry("r/file/gone", { status: 404 }));
      expect(cache.find("r/file/gone")).toMatchObject({ status: 404, blob: undefined });
    });

    test.each(
      [
        "r/file/__proto__",
        "__proto__",
        "constructor",
        "r/file/../../../../etc/passwd",
        "../..",
        "/",
        ".",
        "\u0001",
        "r/file/\u0001\u001f\u007f",
        "r/file/naïve-é-e\u0301-\u{1F600}",
        "r/file/CON:|?*\\",
        `r/file/${"x".repeat(1_200)}`,
        `r/file/${"é".repeat(600)}`,
        `r/file/${"\u{1F600}".repeat(2_000)}`,
      ].map((key) => ({ key, label: JSON.stringify(key.slice(0, 40)) })),
    )("the key $label is stored, found, listed and removed", async ({ key }) => {
      const cache = await opened();
      await putFile(cache, key, "body");
      expect(cache.find(key)?.key).toBe(key);
      expect(cache.list("", undefined, 10).map((entry) => entry.key)).toEqual([key]);
      expect(cache.list(key, undefined, 10)).toHaveLength(1);
      expect(cache.list(key, key, 10)).toEqual([]);
      expect(await cache.remove(key)).toBe(true);
      expect(cache.find(key)).toBeUndefined();
    });

    test.each(["", "r/file/a\0b", "r/file/\ud800"])("the key %j is refused", async (key) => {
      const cache = await opened();
      await expect(cache.put(testEntry(key))).rejects.toMatchObject({ reason: "ARGUMENT_INVALID" });
      expect(cache.find(key)).toBeUndefined();
      expect(cache.stats().entries).toBe(0);
    });

    test("keys that differ only in case, in Unicode form or after 2,000 characters are different", async () => {
      const cache = await opened();
      const long = "x".repeat(2_000);
      const keys = ["r/file/Foo", "r/file/foo", "r/file/é", "r/file/e\u0301", `r/file/${long}1`, `r/file/${long}2`];
      for (const key of keys) await putFile(cache, key, key);
      for (const key of keys) {
        expect((await cache.readBlob(cache.find(key)?.blob?.digest ?? ""))?.toString()).toBe(key);
      }
      expect(cache.stats()).toMatchObject({ entries: 6, blobs: 6 });
    });

    test("update changes what is stored, one after the other, and tells when it is not there", async () => {
      const cache = await opened();
      await putFile(cache, "r/file/a", "a");
      await Promise.all(
        Array.from({ length: 50 }, () =>
          cache.update("r/file/a", (entry) => ({ ...entry, checkedAtMs: entry.checkedAtMs + 1 })),
        ),
      );
      expect(cache.find("r/file/a")?.checkedAtMs).toBe(1_700_000_000_550);
      expect(await cache.update("r/file/b", (entry) => entry)).toBeUndefined();
      expect(await cache.remove("r/file/b")).toBe(false);
    });

    test("an update whose change throws changes nothing", async () => {
      const cache = await opened();
      const entry = await putFile(cache, "r/file/a", "a");
      const failing = cache.update("r/file/a", () => {
        throw new Error("no");
      });
      await expect(failing).rejects.toThrow("no");
      expect(cache.find("r/file/a")).toEqual(entry);
    });

    test("list pages through a prefix in the order of UTF-8", async () => {
      const cache = await opened();
      const names = ["", "a", "a/b", "a!b", "b", "B", "é", "\u{1F600}", "\uffee", "x".repeat(1_999), "x".repeat(2_000)];
      await Promise.all(names.map((each) => cache.put(testEntry(`r1/file/${each}`))));
      await Promise.all(["r1", "r1/filf", "r10/file/a", "r2/file/a"].map((key) => cache.put(testEntry(key))));

      const listed: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = cache.list("r1/file/", after, 3);
        expect(page.length).toBeLessThanOrEqual(3);
        if (page.length === 0) break;
        listed.push(...page.map((entry) => entry.key));
        after = listed.at(-1);
      }
      const short = listed.filter((key) => key.length < 1_000);
      expect(short).toEqual(short.toSorted((one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other))));
      expect(new Set(listed)).toEqual(new Set(names.map((each) => `r1/file/${each}`)));
      expect(listed).toHaveLength(names.length);
      expect(cache.list(`r1/file/${"x".repeat(1_900)}`, undefined, 10)).toHaveLength(2);
      expect(cache.list("r1/file/", "r1/file/zzz-not-there", 10).map((entry) => entry.key)).toContain("r1/file/é");
      expect(cache.list("r3/", undefined, 10)).toEqual([]);
      expect(cache.list("r1/", "r2/", 10)).toEqual([]);
    });
  });

  describe(`${name}: blobs`, () => {
    test("a blob is invisible until commit, and readable by path while it grows", async () => {
      const cache = await opened();
      const digest = sha256("hello world");
      const writer = await cache.createBlob();
      await Promise.all([writer.write(Buffer.from("hello ")), writer.write(Buffer.from("world"))]);
      expect(writer.writtenBytes).toBe(11);
      expect(readFileSync(writer.path, "utf8")).toBe("hello world");
      expect(await cache.openBlob(digest)).toBeUndefined();
      expect(await writer.commit()).toEqual({ digest, sizeBytes: 11 });
      expect((await cache.readBlob(digest))?.toString()).toBe("hello world");
      expect(readFileSync(cache.blobPath(digest), "utf8")).toBe("hello world");
      await writer.abort();
      expect((await cache.readBlob(digest))?.toString()).toBe("hello world");
    });

    test("an empty blob is a blob", async () => {
      const cache = await opened();
      const entry = await putFile(cache, "r/file/empty", "");
      expect(entry.blob?.sizeBytes).toBe(0);
      expect(await cache.readBlob(entry.blob?.digest ?? "")).toHaveLength(0);
    });

    test("abort leaves nothing, twice as well", async () => {
      const cache = await opened();
      const writer = await cache.createBlob();
      await writer.write(Buffer.from("x"));
      await writer.abort();
      await writer.abort();
      expect(() => readFileSync(writer.path)).toThrow("ENOENT");
      await expect(writer.commit()).rejects.toThrow();
    });

    test.each(["../../etc/passwd", "", "ABCDEF", "__proto__"])(
      "%j is no digest: no blob, and never a path",
      async (text) => {
        const cache = await opened();
        expect(await cache.openBlob(text)).toBeUndefined();
        expect(await cache.readBlob(text)).toBeUndefined();
        expect(() => cache.blobPath(text)).toThrow(RangeError);
      },
    );

    test("two entries share a blob, which goes with the second", async () => {
      const cache = await opened();
      const { blob } = await putFile(cache, "r1/file/a", "shared");
      await putFile(cache, "r2/file/a", "shared");
      expect(cache.stats()).toMatchObject({ entries: 2, blobs: 1, bytes: 6 });
      await cache.remove("r1/file/a");
      expect((await cache.readBlob(blob?.digest ?? ""))?.toString()).toBe("shared");
      await cache.remove("r2/file/a");
      expect(await cache.openBlob(blob?.digest ?? "")).toBeUndefined();
      expect(cache.stats()).toMatchObject({ entries: 0, blobs: 0, bytes: 0 });
    });

    test("representations hold their blobs, and a replaced one goes", async () => {
      const cache = await opened();
      const { blob } = await putFile(cache, "r/document/a", "original");
      const small = await commitBlob(cache, "small");
      const representation = { blob: small, contentType: "text/plain", encoding: "identity" } as const;
      const same = { ...representation, blob };
      await cache.update("r/document/a", (entry) => ({ ...entry, representations: { small: representation, same } }));
      expect(cache.stats()).toMatchObject({ blobs: 2, bytes: 13 });
      await cache.update("r/document/a", (entry) => ({ ...entry, representations: {} }));
      expect(await cache.openBlob(small.digest)).toBeUndefined();
      const next = await putFile(cache, "r/document/a", "next");
      expect(await cache.openBlob(blob?.digest ?? "")).toBeUndefined();
      expect((await cache.readBlob(next.blob?.digest ?? ""))?.toString()).toBe("next");
      expect(cache.stats()).toMatchObject({ blobs: 1, bytes: 4 });
    });

    test("a committed blob outlives the removal of the last entry that named it, until its own entry is put", async () => {
      const cache = await opened();
      await putFile(cache, "r1/file/a", "shared");
      const blob = await commitBlob(cache, "shared");
      await cache.remove("r1/file/a");
      await cache.put(testEntry("r2/file/a", { blob }));
      expect((await cache.readBlob(blob.digest))?.toString()).toBe("shared");
      await cache.remove("r2/file/a");
      expect(await cache.openBlob(blob.digest)).toBeUndefined();
    });

    test("commits and removals of the same bytes at the same time never lose an entry's blob", async () => {
      const cache = await opened();
      for (let round = 0; round < 30; round++) {
        const key = `r/file/${round}`;
        await Promise.all([putFile(cache, key, "same"), cache.remove(`r/file/${round - 1}`)]);
        expect((await cache.readBlob(sha256("same")))?.toString()).toBe("same");
      }
    });
  });

  describe(`${name}: limit`, () => {
    test("the least recently used entries go first, and the blobs never take more than the limit", async () => {
      const cache = await opened({ maxBytes: 1_000 });
      for (const each of "abcdefghij") await putFile(cache, `r/file/${each}`, each.repeat(100));
      cache.touch("r/file/a");
      cache.touch("r/file/c");
      cache.touch("r/file/not-there");
      await putFile(cache, "r/file/k", "k".repeat(100));
      const left = cache.list("", undefined, 100).map((entry) => entry.key.at(-1));
      expect(left.join("")).toBe("acefghijk");
      expect(cache.stats()).toMatchObject({ entries: 9, blobs: 9, bytes: 900, maxBytes: 1_000, evictedEntries: 2 });
      expect(await cache.openBlob(sha256("b".repeat(100)))).toBeUndefined();
    });

    test("uses are kept over a restart", async () => {
      const directory = testFolder();
      const first = await open({ directory, maxBytes: 300 });
      for (const each of "abc") await putFile(first, `r/file/${each}`, each.repeat(100));
      first.touch("r/file/a");
      await first.close();
      const second = await opened({ directory, maxBytes: 300 });
      await putFile(second, "r/file/d", "d".repeat(100));
      expect(second.list("", undefined, 9).map((entry) => entry.key.at(-1))).toEqual(["a", "d"]);
    });

    test("an evicted blob stays readable for who has it open", async () => {
      const cache = await opened({ maxBytes: 100 });
      const { blob } = await putFile(cache, "r/file/a", "a".repeat(60));
      const reader = await cache.openBlob(blob?.digest ?? "");
      await putFile(cache, "r/file/b", "b".repeat(60));
      expect(cache.find("r/file/a")).toBeUndefined();
      const body = Buffer.alloc(60);
      expect(readSync(reader?.fd ?? -1, body, 0, 60, 0)).toBe(60);
      expect(body.toString()).toBe("a".repeat(60));
      await reader?.close();
      await reader?.close();
      expect(() => fstatSync(reader?.fd ?? -1)).toThrow("EBADF");
    });

    test("an entry larger than the whole limit is not kept, and evicts nobody", async () => {
      const cache = await opened({ maxBytes: 100 });
      await putFile(cache, "r/file/small", "s");
      const { blob } = await putFile(cache, "r/file/large", "l".repeat(101));
      expect(cache.find("r/file/large")).toBeUndefined();
      expect(await cache.openBlob(blob?.digest ?? "")).toBeUndefined();
      expect(cache.find("r/file/small")).toBeDefined();
    });

    test("an entry that just fits stays", async () => {
      const cache = await opened({ maxBytes: 100 });
      await putFile(cache, "r/file/small", "s");
      await putFile(cache, "r/file/large", "l".repeat(99));
      await putFile(cache, "r/file/full", "f".repeat(100));
      expect(cache.list("", undefined, 9).map((entry) => entry.key)).toEqual(["r/file/full"]);
    });

    test("many puts at once end below the limit, all that is left is whole", async () => {
      const cache = await opened({ maxBytes: 10_000 });
      await Promise.all(Array.from({ length: 200 }, (_, n) => putFile(cache, `r/file/${n}`, `${n}`.padEnd(500, "."))));
      expect(cache.stats().bytes).toBeLessThanOrEqual(10_000);
      expect(cache.stats().entries).toBeGreaterThan(10);
      for (const entry of cache.list("", undefined, 1_000)) {
        expect(sha256((await cache.readBlob(entry.blob?.digest ?? "")) ?? "")).toBe(entry.blob?.digest);
      }
    });
  });

  describe(`${name}: rot`, () => {
    const rewrite = (cache: Cache, { digest }: BlobRef, body: string) => writeFileSync(cache.blobPath(digest), body);

    test.each<{ state: BlobState; harm: (cache: Cache, blob: BlobRef) => void }>([
      { state: "intact", harm: () => undefined },
      { state: "rotten", harm: (cache, blob) => rewrite(cache, blob, "kody") },
      { state: "rotten", harm: (cache, blob) => rewrite(cache, blob, "bod") },
      { state: "rotten", harm: (cache, blob) => rewrite(cache, blob, "body and more") },
      { state: "missing", harm: (cache, { digest }) => rmSync(cache.blobPath(digest)) },
    ])("$state is told, and what is rotten is gone from its place", async ({ state, harm }) => {
      const cache = await opened();
      const blob = (await putFile(cache, "r/file/a", "body")).blob as BlobRef;
      harm(cache, blob);
      expect(await cache.verifyBlob(blob)).toBe(state);
      expect(existsSync(cache.blobPath(blob.digest))).toBe(state === "intact");
      expect(cache.find("r/file/a")?.blob).toEqual(blob);
      await commitBlob(cache, "body");
      expect(await cache.verifyBlob(blob)).toBe("intact");
    });

    test("a file is checked by its first reader, and again when it has changed or a day has passed", async () => {
      let clockMs = 0;
      const cache = await opened({ nowMs: () => clockMs });
      const { digest } = (await putFile(cache, "r/file/a", "body")).blob as BlobRef;
      const check = async (body: string): Promise<boolean | "none"> => {
        const reader = await cache.openBlob(digest);
        const started = reader?.startCheck();
        await reader?.close();
        started?.update(Buffer.from(body));
        return started?.finish() ?? "none";
      };
      expect([await check("kody"), await check("body"), await check("body")]).toEqual([false, true, "none"]);
      utimesSync(cache.blobPath(digest), 1, 1);
      expect([await check("body"), await check("body")]).toEqual([true, "none"]);
      clockMs += 86_400_000;
      expect([await check("body"), await check("body")]).toEqual([true, "none"]);
    });
  });

  describe(`${name}: announcements`, () => {
    const file: StoredAnnouncement = {
      path: "left-pad/-/left-pad-1.0.0.tgz",
      upstreamUrl: "https://files.example/left-pad-1.0.0.tgz",
      digests: { sha512: "ab".repeat(64), sha1: "cd".repeat(20) },
      sizeBytes: 0,
      packageName: "left-pad",
      version: "1.0.0",
      publishTime: "2024-01-01T00:00:00Z",
    };

    test("are found by scope and path, replaced, and there after a restart", async () => {
      const directory = testFolder();
      const first = await open({ directory, maxBytes: 1_000 });
      const bare = { path: "x".repeat(3_000), upstreamUrl: "https://files.example/x", digests: {} };
      await first.announce("scope", [file, bare]);
      await first.announce("scope", [{ ...file, sizeBytes: 7 }]);
      await first.announce("scope", [{ ...file, sizeBytes: 7 }]);
      await first.close();
      const second = await opened({ directory });
      expect(second.findAnnouncement("scope", file.path)).toEqual({ ...file, sizeBytes: 7 });
      expect(second.findAnnouncement("scope", bare.path)).toEqual(bare);
      expect(second.findAnnouncement("other", file.path)).toBeUndefined();
      expect(second.findAnnouncement("scope", "x".repeat(2_999))).toBeUndefined();
    });

    test("100,000 are taken one by one, and others get their turn meanwhile", async () => {
      const cache = await opened();
      let taken = 0;
      let turns = 0;
      function* many(): Generator<StoredAnnouncement> {
        for (; taken < 100_000; taken++) yield { ...file, path: `p/${taken}` };
      }
      const timer = setInterval(() => turns++, 0);
      await cache.announce("scope", many());
      clearInterval(timer);
      expect(turns).toBeGreaterThanOrEqual(50);
      expect(cache.findAnnouncement("scope", "p/99999")?.path).toBe("p/99999");
    });
  });
}

function sha256(body: string | Uint8Array): string {
  return createHash("sha256").update(body).digest("hex");
}
