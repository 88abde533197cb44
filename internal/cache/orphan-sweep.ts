import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type CacheLayout, digestOfFile } from "./cache-layout.ts";

export interface OrphanSweepDeps {
  readonly layout: CacheLayout;
  /** Whether an entry names the blob. */
  readonly isNamed: (digest: string) => boolean;
  readonly discard: (digests: Iterable<string>) => Promise<void>;
  /** Only files older than this go: a younger one may be another process's, whose entry is still to come. */
  readonly beforeMs: number;
  readonly signal: AbortSignal;
}

/** Removes blobs that a crash left between the index and the disk. Runs behind the traffic, folder by folder. Resolves to their number. */
export async function sweepOrphans({ layout, isNamed, discard, beforeMs, signal }: OrphanSweepDeps): Promise<number> {
  let removed = 0;
  for (const shard of await namesIn(layout.blobs)) {
    const orphans: string[] = [];
    for (const name of await namesIn(join(layout.blobs, shard))) {
      if (signal.aborted) return removed;
      const digest = digestOfFile(shard, name);
      if (digest === undefined || isNamed(digest)) continue;
      if (await isOlder(join(layout.blobs, shard, name), beforeMs)) orphans.push(digest);
    }
    await discard(orphans);
    removed += orphans.length;
    await nextTurn();
  }
  return removed;
}

async function isOlder(path: string, beforeMs: number): Promise<boolean> {
  // ctime, not mtime: the rename to its place counts.
  const stats = await stat(path).catch(() => undefined);
  return stats !== undefined && stats.ctimeMs < beforeMs;
}

async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
