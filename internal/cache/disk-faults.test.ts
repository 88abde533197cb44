import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { isFault } from "#internal/fault/fault.ts";
import type { Cache } from "./cache.ts";
import { cacheLayout } from "./cache-layout.ts";
import { openCache } from "./open-cache.ts";
import { processIdentity } from "./process-identity.ts";
import { commitBlob, putFile, testEntry } from "./test-entry.ts";
import { testFolder } from "./test-folder.ts";

async function opened(directory: string, onError?: (error: unknown) => void): Promise<Cache> {
  const cache = await openCache({ directory, maxBytes: 1e6, owner: true, ...(onError && { onError }) });
  onTestFinished(() => cache.close());
  return cache;
}

function replaceByFolder(path: string): void {
  rmSync(path);
  mkdirSync(path);
}

describe("a blob that is not what the index says is gone, and the next commit heals it", () => {
  test.each([
    { damage: "missing", harm: (path: string) => rmSync(path) },
    { damage: "cut short", harm: (path: string) => truncateSync(path, 3) },
    { damage: "grown", harm: (path: string) => writeFileSync(path, "more than there was") },
    { damage: "a folder", harm: replaceByFolder, heals: false },
  ])("$damage", async ({ harm, heals = true }) => {
    const cache = await opened(testFolder());
    const { blob } = await putFile(cache, "r/file/a", "content");
    harm(cache.blobPath(blob?.digest ?? ""));
    expect(await cache.openBlob(blob?.digest ?? "")).toBeUndefined();
    expect(await cache.readBlob(blob?.digest ?? "")).toBeUndefined();
    if (!heals) return;
    await putFile(cache, "r/file/a", "content");
    expect((await cache.readBlob(blob?.digest ?? ""))?.toString()).toBe("content");
  });
});

describe("a disk that takes no more", () => {
  test("a temporary folder that cannot be used is a Fault with its code, and what is cached stays readable", async () => {
    const directory = testFolder();
    const cache = await opened(directory);
    const { blob } = await putFile(cache, "r/file/a", "content");
    const { temporary } = cacheLayout(directory);
    rmSync(temporary, { recursive: true });
    writeFileSync(temporary, "");
    const refused = cache.createBlob();
    await expect(refused).rejects.toMatchObject({ reason: "STORAGE_UNAVAILABLE", facts: { code: "ENOTDIR" } });
    expect((await cache.readBlob(blob?.digest ?? ""))?.toString()).toBe("content");
  });

  test("a write that the disk refuses is a Fault, for every later call too, and the temporary file is gone", async () => {
    const directory = testFolder();
    // The limit of the file size stands for the full disk: the same call fails, in the middle of a write.
    const script = fileURLToPath(new URL("./test-full-disk.ts", import.meta.url));
    const command = `trap '' XFSZ; ulimit -f 2048; exec "$0" "$1" "$2"`;
    const child = spawn("bash", ["-c", command, process.execPath, script, directory], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    await once(child, "exit");
    const outcome = { reason: "STORAGE_UNAVAILABLE", code: "EFBIG" };
    expect(JSON.parse(output)).toEqual({ write: outcome, again: outcome, commit: outcome, small: "stored" });
    expect(readdirSync(cacheLayout(directory).temporary)).toEqual([]);
  });
});

describe("leftovers", () => {
  test("temporary files of processes that are gone are swept at start, those of living ones stay", async () => {
    const directory = testFolder();
    const { temporary } = cacheLayout(directory);
    mkdirSync(temporary, { recursive: true });
    const living = `${processIdentity()}.999999`;
    const [boot, pid] = processIdentity().split("-");
    for (const name of [living, `${boot}-${pid}-1.1`, `${boot}-4194399-5.1`, `0000-${pid}-7.1`, "junk"]) {
      writeFileSync(join(temporary, name), "");
    }
    await opened(directory);
    expect(readdirSync(temporary)).toEqual([living]);
  });

  test("a blob that no entry names is swept behind the start; named ones and strange files stay", async () => {
    const directory = testFolder();
    const first = await openCache({ directory, maxBytes: 1e6, owner: true });
    await putFile(first, "r/file/a", "named");
    const orphan = await commitBlob(first, "orphan");
    await first.close();
    const strange = join(cacheLayout(directory).blobs, "ab");
    mkdirSync(strange, { recursive: true });
    writeFileSync(join(strange, "README"), "not ours");

    const second = await opened(directory);
    await vi.waitFor(async () => expect(await second.openBlob(orphan.digest)).toBeUndefined(), 10_000);
    expect((await second.readBlob(second.find("r/file/a")?.blob?.digest ?? ""))?.toString()).toBe("named");
    expect(readdirSync(strange)).toContain("README");
  });

  test("whatever the names were, the tree holds only names of our own making", async () => {
    const directory = testFolder();
    const cache = await opened(directory);
    for (const key of ["../../x", "a/../../b", "__proto__", "CON", "\u0001", ".", "x".repeat(3_000)])
      await putFile(cache, key, key);
    const names = readdirSync(join(directory, "v1"), { recursive: true }).map(String);
    for (const name of names) {
      expect(name).toMatch(/^(index(\/(data|lock)\.mdb)?|tmp|blobs(\/sha256(\/[0-9a-f]{2}(\/[0-9a-f]{62})?)?)?)$/);
    }
  });
});

describe("an index that cannot be used", () => {
  const damages: { damage: string; harm: (file: Buffer) => Buffer }[] = [
    { damage: "garbage", harm: (file) => Buffer.alloc(file.length, 7) },
    { damage: "a few bytes", harm: () => Buffer.from("LMDB") },
    { damage: "cut after the head", harm: (file) => file.subarray(0, 8_192) },
    {
      damage: "zeros after the head",
      harm: (file) => Buffer.concat([file.subarray(0, 8_192), Buffer.alloc(file.length)]),
    },
    { damage: "of a later format", harm: (file) => file.fill(0xff, 28, 30) },
  ];

  test.each(damages)("$damage: the owner begins anew and says so, another process gets a Fault", async ({ harm }) => {
    const directory = testFolder();
    const first = await openCache({ directory, maxBytes: 1e6, owner: true });
    for (let n = 0; n < 50; n++) await first.put(testEntry(`r/file/${n}`));
    await first.close();
    const path = join(cacheLayout(directory).index, "data.mdb");
    writeFileSync(path, harm(readFileSync(path)));

    const refused = openCache({ directory, maxBytes: 1e6, owner: false });
    await expect(refused).rejects.toMatchObject({ reason: "STORAGE_UNAVAILABLE" });
    const onError = vi.fn();
    const second = await opened(directory, onError);
    expect(onError.mock.calls.map(([error]) => isFault(error, "STORAGE_UNAVAILABLE"))).toEqual([true]);
    expect(second.stats().entries).toBe(0);
    await putFile(second, "r/file/new", "new");
    expect(second.find("r/file/new")?.key).toBe("r/file/new");
  });

  test("half of it: the cache misses, and works again after a write", async () => {
    const directory = testFolder();
    const first = await openCache({ directory, maxBytes: 1e6, owner: true });
    await Promise.all(Array.from({ length: 2_000 }, (_, n) => first.put(testEntry(`r/file/${n}`))));
    await first.close();
    const path = join(cacheLayout(directory).index, "data.mdb");
    truncateSync(path, Math.floor(readFileSync(path).length / 2));

    const second = await opened(directory);
    for (let n = 0; n < 2_000; n++) second.find(`r/file/${n}`);
    await second.put(testEntry("r/file/new")).catch(() => second.put(testEntry("r/file/new")));
    expect(second.find("r/file/new")?.key).toBe("r/file/new");
  });

  test("after close nothing is found and nothing is written", async () => {
    const cache = await openCache({ directory: testFolder(), maxBytes: 1e6, owner: true });
    await putFile(cache, "r/file/a", "a");
    await cache.close();
    await cache.close();
    expect(cache.find("r/file/a")).toBeUndefined();
    await expect(cache.put(testEntry("r/file/b"))).rejects.toThrow("closed");
  });
});
