import type { CacheIndex } from "./cache-index.ts";
import { REMOVAL_RESERVE_BYTES } from "./disk-reserve.ts";
import type { IndexTables } from "./index-tables.ts";

/** Which entries were used last, in the order of use. Uses are noted in memory and written in batches. */
export interface Recency {
  /** `key` is the stored one. */
  touch(key: string): void;
  /** A time for a use in this process: later than every one before, so that no two entries tie. */
  stamp(): number;
  /** Writes what was noted before the call. */
  flush(): Promise<void>;
}

/** A millionth of the time between two ticks of the clock is enough to keep their order. */
const STEP_MS = 0.001;
/** Uses a transaction: some milliseconds of the event loop. */
const CHUNK = 500;

export function recency(index: CacheIndex, nowMs: () => number): Recency {
  const noted = new Map<string, number>();
  let latestMs = 0;

  function stamp(): number {
    latestMs = Math.max(nowMs(), latestMs + STEP_MS);
    return latestMs;
  }

  function flushInto(tables: IndexTables): void {
    let left = CHUNK;
    for (const [key, usedAtMs] of noted) {
      if (left-- === 0) return;
      noted.delete(key);
      const previous = tables.uses.get(key);
      // Absent: removed since. Later: another process or a put was first.
      if (previous !== undefined && previous < usedAtMs) noteUse(tables, key, usedAtMs);
    }
  }

  return {
    touch: (key) => void noted.set(key, stamp()),
    stamp,
    async flush() {
      // What is touched meanwhile waits for the next flush.
      for (let left = noted.size; left > 0; left -= CHUNK) await index.write(flushInto, REMOVAL_RESERVE_BYTES);
    },
  };
}

/** Moves an entry to its place in the order of use. */
export function noteUse(tables: IndexTables, key: string, usedAtMs: number): void {
  forgetUse(tables, key);
  tables.uses.putSync(key, usedAtMs);
  tables.recency.putSync([usedAtMs, key], true);
}

export function forgetUse(tables: IndexTables, key: string): void {
  const usedAtMs = tables.uses.get(key);
  if (usedAtMs === undefined) return;
  tables.uses.removeSync(key);
  tables.recency.removeSync([usedAtMs, key]);
}

/** Stored keys of the `limit` entries that were not used for longest, oldest first. */
export function leastRecentlyUsed(tables: IndexTables, limit: number): string[] {
  return Array.from(tables.recency.getKeys({ limit }), ([, key]) => key);
}
