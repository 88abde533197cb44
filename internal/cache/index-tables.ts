import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Database, open, type RootDatabase } from "lmdb";
import type { AnnouncementRecord } from "./announcement-codec.ts";
import { assertTakesWrites } from "./disk-reserve.ts";
import type { EntryRecord } from "./entry-codec.ts";

/** The LMDB environment and its tables. One transaction may change all of them. */
export interface IndexTables {
  readonly root: RootDatabase;
  /** By stored key. */
  readonly entries: Database<EntryRecord, string>;
  /** When an entry was last used, by stored key. */
  readonly uses: Database<number, string>;
  /** The same the other way round: oldest use first. */
  readonly recency: Database<true, [usedAtMs: number, storedKey: string]>;
  /** By digest. */
  readonly blobs: Database<BlobRow, string>;
  readonly announcements: Database<AnnouncementRecord, string>;
  readonly totals: Database<number, TotalName>;
}

export type BlobRow = [sizeBytes: number, references: number];
export type TotalName = "layout" | "bytes" | "evictedEntries";

/** Raised when the tables change their meaning. Other folders of design.md §5 keep theirs by `v1`. */
const LAYOUT = 1;

/** Opens or makes the tables; undefined when they have another layout. Throws LMDB's errors. */
export function openTables(folder: string): IndexTables | undefined {
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, "data.mdb"))) assertTakesWrites(folder);
  const root = open({
    path: folder,
    maxDbs: 8,
    maxReaders: 512,
    // A write resolves when it is on the disk: one moment that counts, not two.
    overlappingSync: false,
  });
  try {
    const tables: IndexTables = {
      root,
      entries: root.openDB("entries", { encoding: "msgpack" }),
      uses: root.openDB("uses", { encoding: "msgpack" }),
      recency: root.openDB("recency", { encoding: "msgpack" }),
      blobs: root.openDB("blobs", { encoding: "msgpack" }),
      announcements: root.openDB("announcements", { encoding: "msgpack" }),
      totals: root.openDB("totals", { encoding: "msgpack" }),
    };
    if (hasOurLayout(tables)) return tables;
  } catch (error) {
    void root.close();
    throw error;
  }
  void root.close();
  return undefined;
}

export function addToTotal(tables: IndexTables, name: TotalName, amount: number): void {
  if (amount !== 0) tables.totals.putSync(name, (tables.totals.get(name) ?? 0) + amount);
}

function hasOurLayout({ totals }: IndexTables): boolean {
  const layout = totals.get("layout");
  if (layout === undefined) totals.putSync("layout", LAYOUT);
  return layout === undefined || layout === LAYOUT;
}
