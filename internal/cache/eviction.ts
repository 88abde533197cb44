import type { CacheIndex } from "./cache-index.ts";
import { REMOVAL_RESERVE_BYTES } from "./disk-reserve.ts";
import { removeEntry } from "./entry-rows.ts";
import { addToTotal, type IndexTables } from "./index-tables.ts";
import { leastRecentlyUsed, type Recency } from "./recency.ts";

export interface EvictionDeps {
  readonly index: CacheIndex;
  readonly recency: Recency;
  readonly maxBytes: number;
  readonly discard: (digests: Iterable<string>) => Promise<void>;
}

/** Entries a transaction: a millisecond or two of the event loop. */
const CHUNK = 200;
const KEPT_SHARE = 0.95;

/**
 * Makes the function that brings the cache below its limit: the least recently used entries go, until the blobs take 95 % of it.
 * Calls that overlap share one run.
 */
export function evictor({ index, recency, maxBytes, discard }: EvictionDeps): () => Promise<void> {
  let running: Promise<number> | undefined;

  /** Resolves to the number of entries that went. */
  async function run(): Promise<number> {
    for (let evicted = 0; ; ) {
      // Uses that are still in memory count, or a hot entry could go before a cold one.
      await recency.flush();
      const chunk = await index.write((tables) => evictSome(tables, maxBytes), REMOVAL_RESERVE_BYTES);
      await discard(chunk.unnamed);
      evicted += chunk.evicted;
      if (chunk.evicted < CHUNK) return evicted;
    }
  }

  return async () => {
    // A run that was under way may have looked before this caller's entry came: look again after it.
    while (index.read(0, totalBytes) > maxBytes) {
      running ??= run().finally(() => {
        running = undefined;
      });
      if ((await running) === 0) return;
    }
  };
}

function evictSome(tables: IndexTables, maxBytes: number): { unnamed: string[]; evicted: number } {
  const candidates = leastRecentlyUsed(tables, CHUNK);
  const unnamed: string[] = [];
  let evicted = 0;
  for (const key of candidates) {
    if (isEnough(tables, maxBytes, candidates.length - evicted)) break;
    unnamed.push(...(removeEntry(tables, key) ?? []));
    evicted++;
  }
  addToTotal(tables, "evictedEntries", evicted);
  return { unnamed, evicted };
}

/** An entry of its own that fits below the limit stays, though it takes more than the share that is kept. */
function isEnough(tables: IndexTables, maxBytes: number, left: number): boolean {
  const bytes = totalBytes(tables);
  return bytes <= maxBytes * KEPT_SHARE || (left === 1 && bytes <= maxBytes);
}

function totalBytes({ totals }: IndexTables): number {
  return totals.get("bytes") ?? 0;
}
