import type { BlobStore } from "./blob-store.ts";
import type { Entry } from "./cache.ts";
import type { CacheIndex } from "./cache-index.ts";
import { assertKey, storedKey, storedPrefix } from "./cache-key.ts";
import { REMOVAL_RESERVE_BYTES } from "./disk-reserve.ts";
import { blobsOf, decodeEntry, type EntryRecord, encodeEntry } from "./entry-codec.ts";
import { entryMemo } from "./entry-memo.ts";
import { removeEntry, writeEntry } from "./entry-rows.ts";
import type { Recency } from "./recency.ts";

export interface EntriesDeps {
  readonly index: CacheIndex;
  readonly recency: Recency;
  readonly blobs: BlobStore;
  readonly maxBytes: number;
}

/** Index and blobs together: an entry comes with its references and goes with the blobs that only it named. */
export interface Entries {
  find(key: string): Entry | undefined;
  list(prefix: string, after: string | undefined, limit: number): Entry[];
  put(entry: Entry): Promise<void>;
  update(key: string, change: (entry: Entry) => Entry): Promise<Entry | undefined>;
  remove(key: string): Promise<boolean>;
}

export function entries({ index, recency, blobs, maxBytes }: EntriesDeps): Entries {
  const read = entryMemo();

  /** Takes back the pins that commit set, now that an entry names the blobs or none ever will. */
  async function settle(committed: string[], unnamed: string[]): Promise<void> {
    for (const digest of committed) blobs.pins.release(digest);
    await blobs.discard([...committed, ...unnamed]);
  }

  return {
    find: (key) => index.read(undefined, (tables) => read(tables, key)),

    list(prefix, after, limit) {
      return index.read([], (tables) => {
        const found: Entry[] = [];
        const start = storedPrefix(prefix);
        const from = after === undefined ? start : laterOf(start, storedKey(after));
        for (const { key, value } of tables.entries.getRange({ start: from })) {
          if (found.length >= limit || !key.startsWith(start)) break;
          if (value[0] !== after && value[0].startsWith(prefix)) found.push(decodeEntry(value));
        }
        return found;
      });
    },

    async put(entry) {
      assertKey(entry.key);
      const record = encodeEntry(entry);
      const committed = [...blobsOf(record).keys()];
      if (bytesOf(record) > maxBytes) return settle(committed, []);
      const usedAtMs = recency.stamp();
      let unnamed: string[] = [];
      try {
        unnamed = await index.write((tables) => writeEntry(tables, storedKey(entry.key), record, usedAtMs));
      } finally {
        // Without an entry, on a full disk above all, its blobs must not stay.
        await settle(committed, unnamed);
      }
    },

    async update(key, change) {
      const stored = storedKey(key);
      const outcome = await index.write((tables) => {
        const record = tables.entries.get(stored);
        if (record === undefined || record[0] !== key) return undefined;
        const changed = encodeEntry({ ...change(decodeEntry(record)), key });
        const known = blobsOf(record);
        const committed = [...blobsOf(changed).keys()].filter((digest) => !known.has(digest));
        if (bytesOf(changed) > maxBytes) return { record, committed, unnamed: [] };
        const usedAtMs = tables.uses.get(stored) ?? recency.stamp();
        return { record: changed, committed, unnamed: writeEntry(tables, stored, changed, usedAtMs) };
      });
      if (outcome === undefined) return undefined;
      await settle(outcome.committed, outcome.unnamed);
      return decodeEntry(outcome.record);
    },

    async remove(key) {
      const unnamed = await index.write((tables) => removeEntry(tables, storedKey(key)), REMOVAL_RESERVE_BYTES);
      if (unnamed !== undefined) await blobs.discard(unnamed);
      return unnamed !== undefined;
    },
  };
}

/** What the entry's blobs take on the disk. */
function bytesOf(record: EntryRecord): number {
  let bytes = 0;
  for (const sizeBytes of blobsOf(record).values()) bytes += sizeBytes;
  return bytes;
}

/** In the order of the index, which is that of UTF-8. */
function laterOf(one: string, other: string): string {
  return Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0 ? other : one;
}
