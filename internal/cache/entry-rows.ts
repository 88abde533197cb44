import { blobsOf, type EntryRecord } from "./entry-codec.ts";
import { addToTotal, type IndexTables } from "./index-tables.ts";
import { forgetUse, noteUse } from "./recency.ts";

/** Writes an entry with all that hangs on it, within a transaction. Returns the digests that no entry names any more. */
export function writeEntry(tables: IndexTables, key: string, record: EntryRecord, usedAtMs: number): string[] {
  const before = blobsOf(tables.entries.get(key));
  tables.entries.putSync(key, record);
  noteUse(tables, key, usedAtMs);
  return countBlobs(tables, before, blobsOf(record));
}

/** Removes an entry, within a transaction. Returns the digests that no entry names any more; undefined: it was not there. */
export function removeEntry(tables: IndexTables, key: string): string[] | undefined {
  const record = tables.entries.get(key);
  if (record === undefined) return undefined;
  tables.entries.removeSync(key);
  forgetUse(tables, key);
  return countBlobs(tables, blobsOf(record), new Map());
}

/** Moves one entry's references from one set of blobs to another. */
function countBlobs(tables: IndexTables, before: Map<string, number>, after: Map<string, number>): string[] {
  for (const [digest, sizeBytes] of after) if (!before.has(digest)) addReference(tables, digest, sizeBytes);
  const unnamed: string[] = [];
  for (const digest of before.keys()) {
    if (!after.has(digest) && dropReference(tables, digest)) unnamed.push(digest);
  }
  return unnamed;
}

function addReference(tables: IndexTables, digest: string, sizeBytes: number): void {
  const [knownBytes, references] = tables.blobs.get(digest) ?? [sizeBytes, 0];
  tables.blobs.putSync(digest, [knownBytes, references + 1]);
  if (references === 0) addToTotal(tables, "bytes", knownBytes);
}

/** Whether it was the last. */
function dropReference(tables: IndexTables, digest: string): boolean {
  const row = tables.blobs.get(digest);
  if (row === undefined) return false;
  const [sizeBytes, references] = row;
  if (references > 1) {
    tables.blobs.putSync(digest, [sizeBytes, references - 1]);
    return false;
  }
  tables.blobs.removeSync(digest);
  addToTotal(tables, "bytes", -sizeBytes);
  return true;
}
