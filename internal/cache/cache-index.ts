import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { Fault } from "#internal/fault/fault.ts";
import { assertTakesWrites } from "./disk-reserve.ts";
import { isSoundIndexFile } from "./index-file.ts";
import { type IndexTables, openTables } from "./index-tables.ts";
import { codeOf, storageFault } from "./storage-fault.ts";

/** The index of the cache: opened, watched, and made anew when it is damaged or somebody deleted it. */
export interface CacheIndex {
  /** Reads from the tables as they are now; `otherwise` when the index cannot be read: the cache then holds nothing. */
  read<T>(otherwise: T, query: (tables: IndexTables) => T): T;
  /**
   * Runs `change` in a transaction that is durable when it resolves. `change` must not throw after its first write.
   * Needs `reserveBytes` of free space, by default what storing needs.
   * @throws Fault STORAGE_UNAVAILABLE, e.g. when the disk is full.
   */
  write<T>(change: (tables: IndexTables) => T, reserveBytes?: number): Promise<T>;
  /** Opens the index again if it is damaged or is not at its place any more. */
  refresh(): void;
  close(): Promise<void>;
}

export interface CacheIndexOptions {
  readonly folder: string;
  /** The owner drops an index that it cannot use: its entries are warmth. Others wait for the owner. */
  readonly owner: boolean;
  /** Called with the reason, for the log, when the index begins anew: every entry is forgotten, blobs are left over. */
  readonly onReset: (reason: Fault) => void;
}

/** MDB_PAGE_NOTFOUND, MDB_CORRUPTED, MDB_PANIC, MDB_INVALID. */
const DAMAGED = new Set(["-30797", "-30796", "-30795", "-30793"]);

/** @throws Fault STORAGE_UNAVAILABLE when the index cannot be opened, or (not the owner) is damaged or of another layout. */
export function openCacheIndex({ folder, owner, onReset }: CacheIndexOptions): CacheIndex {
  const path = join(folder, "data.mdb");
  const open = () => openOrReplace({ folder, owner, onReset }, path);
  let tables = open();
  let inode = inodeOf(path);
  let isDamaged = false;
  let isClosed = false;

  function noteDamage(error: unknown): boolean {
    isDamaged ||= isDamage(error);
    return isDamaged;
  }

  function refresh(): void {
    if (isClosed) throw new Error("The cache is closed");
    if (!isDamaged && inodeOf(path) === inode) return;
    if (isDamaged && owner) rmSync(folder, { recursive: true, force: true });
    const old = tables;
    tables = open();
    inode = inodeOf(path);
    // What still writes to it is lost with it.
    old.root.close().catch(() => undefined);
    onReset(resetFault(folder, isDamaged ? "was damaged" : "was deleted"));
    isDamaged = false;
  }

  return {
    refresh,
    read(otherwise, query) {
      // After close LMDB would read unmapped memory; requests that are still draining miss.
      if (isDamaged || isClosed) return otherwise;
      try {
        return query(tables);
      } catch (error) {
        if (noteDamage(error)) return otherwise;
        throw error;
      }
    },
    async write(change, reserveBytes) {
      try {
        refresh();
        assertTakesWrites(folder, reserveBytes);
        // Its own tables, should the index begin anew before its turn comes.
        const current = tables;
        return await current.root.transaction(() => change(current));
      } catch (error) {
        noteDamage(error);
        throw storageFault(await causeOf(error), "write its index");
      }
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      await tables.root.close();
    },
  };
}

function openOrReplace({ folder, owner, onReset }: CacheIndexOptions, path: string): IndexTables {
  try {
    const tables = openIfUsable(folder, path);
    if (tables !== undefined) return tables;
    const reset = resetFault(folder, "is damaged or of another layout");
    if (!owner) throw reset;
    rmSync(folder, { recursive: true, force: true });
    const fresh = openTables(folder);
    if (fresh === undefined) throw reset;
    onReset(reset);
    return fresh;
  } catch (error) {
    throw storageFault(error, "open its index");
  }
}

/** Undefined when the index is damaged or of another layout. */
function openIfUsable(folder: string, path: string): IndexTables | undefined {
  try {
    return isSoundIndexFile(path) ? openTables(folder) : undefined;
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

/** LMDB rejects a failed commit with a promise of the reason, which must not stay without a listener. */
async function causeOf(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && "commitError" in error)) return error;
  const reason = Promise.resolve(error.commitError).catch((cause: unknown) => cause);
  return Promise.race([reason, nextTurn(Object.assign(error, { code: "COMMIT_FAILED" }))]);
}

/** Whether LMDB says that what it reads makes no sense. */
function isDamage(error: unknown): boolean {
  return DAMAGED.has(codeOf(error) ?? "");
}

function resetFault(folder: string, what: string): Fault {
  const message = `The cache index in ${folder} ${what}: its owner makes it anew, and what it held is fetched again when it is asked for`;
  return new Fault("STORAGE_UNAVAILABLE", message, { code: "INDEX_RESET", operation: "open its index" });
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino;
}
