import type { Fault } from "#internal/fault/fault.ts";
import { readAnnouncement, writeAnnouncements } from "./announcements.ts";
import { blobStore } from "./blob-store.ts";
import type { Cache, CacheStats } from "./cache.ts";
import { type CacheIndex, openCacheIndex } from "./cache-index.ts";
import { storedKey } from "./cache-key.ts";
import { cacheLayout } from "./cache-layout.ts";
import { entries } from "./entries.ts";
import { evictor } from "./eviction.ts";
import type { IndexTables } from "./index-tables.ts";
import { type Maintenance, startMaintenance } from "./maintenance.ts";
import { recency } from "./recency.ts";
import { sweepTemporaryFiles } from "./temporary-files.ts";

export interface CacheOptions {
  /** Made when it is missing. On a local file system: LMDB maps its index into memory. */
  readonly directory: string;
  /**
   * What all blobs together may take; as a function, of what they take when the cache opens. An entry whose own blobs take more is not
   * kept: put resolves and stores nothing.
   */
  readonly maxBytes: number | ((storedBytes: number) => number);
  readonly nowMs?: () => number;
  /**
   * True in exactly one process of a machine (mirror, or the single larder process): it sweeps, evicts, and drops an index that is
   * damaged. The others read, and may touch and write; what they touch counts for eviction some seconds later.
   */
  readonly owner: boolean;
  /** Failures of the work behind the traffic, for the log. */
  readonly onError?: (error: unknown) => void;
}

/**
 * Opens the cache in a folder, which takes the same time however full it is.
 * @throws Fault STORAGE_UNAVAILABLE when the folder cannot be used, or (not the owner) its index is damaged.
 */
export async function openCache(options: CacheOptions): Promise<Cache> {
  const { directory, nowMs = Date.now, owner, onError = () => undefined } = options;
  const layout = cacheLayout(directory);
  let maintenance: Maintenance | undefined;
  const onReset = (reason: Fault) => {
    onError(reason);
    maintenance?.sweep();
  };
  const index = openCacheIndex({ folder: layout.index, owner, onReset });
  const maxBytes = limitOf(options, index);
  const uses = recency(index, nowMs);
  const sizeOf = (digest: string) => index.read(undefined, (tables) => tables.blobs.get(digest)?.[0]);
  const blobs = blobStore({ layout, sizeOf, nowMs });
  const { find, list, put, update, remove } = entries({ index, recency: uses, blobs, maxBytes });
  const evict = evictor({ index, recency: uses, maxBytes, discard: blobs.discard });
  maintenance = startMaintenance({ owner, layout, index, recency: uses, blobs, evict, onError });

  if (owner) await sweepTemporaryFiles(layout.temporary).catch(onError);

  /** The limit holds when a write resolves. A failed eviction does not undo the write: the next round tries again. */
  async function thenEvict<T>(written: T): Promise<T> {
    if (owner) await evict().catch(onError);
    return written;
  }

  return {
    find,
    list,
    put: async (entry) => thenEvict(await put(entry)),
    update: async (key, change) => thenEvict(await update(key, change)),
    remove,
    touch: (key) => uses.touch(storedKey(key)),
    announce: (scope, announcements) => writeAnnouncements(index, scope, announcements),
    findAnnouncement: (scope, path) => readAnnouncement(index, scope, path),
    createBlob: blobs.create,
    openBlob: blobs.open,
    readBlob: blobs.read,
    verifyBlob: blobs.verify,
    blobPath: blobs.path,
    stats: () => index.read(emptyStats(maxBytes), (tables) => statsOf(tables, maxBytes)),
    async close() {
      await maintenance?.stop();
      await index.close();
    },
  };
}

function limitOf({ maxBytes }: CacheOptions, index: CacheIndex): number {
  return typeof maxBytes === "number" ? maxBytes : maxBytes(index.read(0, (tables) => tables.totals.get("bytes") ?? 0));
}

function statsOf(tables: IndexTables, maxBytes: number): CacheStats {
  return {
    entries: countOf(tables.entries.getStats()),
    blobs: countOf(tables.blobs.getStats()),
    bytes: tables.totals.get("bytes") ?? 0,
    maxBytes,
    evictedEntries: tables.totals.get("evictedEntries") ?? 0,
  };
}

function emptyStats(maxBytes: number): CacheStats {
  return { entries: 0, blobs: 0, bytes: 0, maxBytes, evictedEntries: 0 };
}

/** LMDB counts as it writes; its type says only that there are statistics. */
function countOf(stats: { entryCount?: number }): number {
  return stats.entryCount ?? 0;
}
