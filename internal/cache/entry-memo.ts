import type { Entry } from "./cache.ts";
import { storedKey } from "./cache-key.ts";
import { decodeEntry } from "./entry-codec.ts";
import type { IndexTables } from "./index-tables.ts";

/** An entry, and the stored bytes that say it. */
interface Known {
  readonly bytes: Buffer;
  readonly entry: Entry;
}

/** Some 2 KB each. */
const MAX_KNOWN = 4_096;

/**
 * Reads entries and remembers what was decoded: the same stored bytes give the same object. The bytes are read every time, from memory that
 * all processes share, so nobody has to be told of a write; decoding them is three quarters of the cost.
 */
export function entryMemo(): (tables: IndexTables, key: string) => Entry | undefined {
  const memo = new Map<string, Known>();

  const decode = ({ entries }: IndexTables, key: string, bytes: Buffer): Entry | undefined => {
    const record = entries.get(storedKey(key));
    if (record === undefined || record[0] !== key) return undefined;
    const entry = decodeEntry(record);
    if (memo.size >= MAX_KNOWN) memo.clear();
    memo.set(key, { bytes, entry });
    return entry;
  };

  return (tables, key) => {
    // LMDB's own buffer: good until the next read, and longer than what it holds.
    const bytes = tables.entries.getBinaryFast(storedKey(key));
    if (bytes === undefined) return undefined;
    const known = memo.get(key);
    if (known?.bytes.compare(bytes, 0, bytes.length) === 0) return known.entry;
    return decode(tables, key, Buffer.from(bytes.subarray(0, bytes.length)));
  };
}
