import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import type { Cache } from "./cache.ts";
import { cacheLayout } from "./cache-layout.ts";
import { openCache } from "./open-cache.ts";
import { testFolder } from "./test-folder.ts";
import { writeUntilKilled } from "./test-processes.ts";

test("an owner that is killed again and again loses nothing that it acknowledged, and leaves nothing behind", async () => {
  const directory = testFolder();
  const acknowledged: string[] = [];
  for (let round = 0; round < 10; round++) {
    acknowledged.push(...(await writeUntilKilled(directory, 20 + round * 7)));
    const cache = await openCache({ directory, maxBytes: 1e9, owner: true });
    for (const key of acknowledged) expect(cache.find(key)?.key).toBe(key);
    await expectWhole(cache);
    await expectNothingLeft(cache, directory);
    await cache.close();
  }
}, 60_000);

test("killed while it evicts, what the index names is whole and the limit holds", async () => {
  const directory = testFolder();
  for (let round = 0; round < 4; round++) {
    await writeUntilKilled(directory, 100, 50_000);
    const cache = await openCache({ directory, maxBytes: 50_000, owner: true });
    await expectWhole(cache);
    await expectNothingLeft(cache, directory);
    await vi.waitFor(() => expect(cache.stats().bytes).toBeLessThanOrEqual(50_000), 10_000);
    expect(cache.stats().evictedEntries).toBeGreaterThan(0);
    await cache.close();
  }
}, 60_000);

/** Every entry has its blobs, and the totals are right. */
async function expectWhole(cache: Cache): Promise<void> {
  const blobs = new Map<string, number>();
  const stored = cache.list("", undefined, 100_000);
  for (const { blob } of stored) {
    const body = await cache.readBlob(blob?.digest ?? "");
    expect(
      createHash("sha256")
        .update(body ?? "gone")
        .digest("hex"),
    ).toBe(blob?.digest);
    blobs.set(blob?.digest ?? "", body?.length ?? 0);
  }
  const bytes = [...blobs.values()].reduce((sum, sizeBytes) => sum + sizeBytes, 0);
  expect(cache.stats()).toMatchObject({ entries: stored.length, blobs: blobs.size, bytes });
}

/** No temporary file, and (after the sweep) no blob that no entry names. */
async function expectNothingLeft(cache: Cache, directory: string): Promise<void> {
  const { temporary, blobs } = cacheLayout(directory);
  expect(readdirSync(temporary)).toEqual([]);
  await vi.waitFor(() => {
    const files = readdirSync(blobs).flatMap((shard) => readdirSync(join(blobs, shard)));
    expect(files).toHaveLength(cache.stats().blobs);
  }, 10_000);
}
