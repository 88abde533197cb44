import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { open } from "lmdb";

/** One way to keep the entry index; what is measured is what the cache does with it. */
export interface Candidate {
  readonly name: string;
  open(folder: string): CandidateIndex;
}

export interface CandidateIndex {
  get(key: string): unknown;
  /** Durable when it resolves. */
  put(key: string, record: unknown): Promise<unknown>;
  /** All of them in one transaction, durable when it resolves. */
  putAll(records: [key: string, record: unknown][]): Promise<unknown>;
  close(): Promise<void>;
}

/** What node:sqlite and better-sqlite3 share. */
interface SqliteDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): { get(...values: string[]): unknown; run(...values: string[]): unknown };
  close(): unknown;
}

type BetterSqlite = new (path: string) => SqliteDatabase;

const require = createRequire(import.meta.url);

export const candidates: readonly Candidate[] = [
  { name: "lmdb", open: openLmdb },
  {
    name: "better-sqlite3",
    open: (folder) => openSqlite(folder, (path) => new (require("better-sqlite3") as BetterSqlite)(path)),
  },
  { name: "node:sqlite", open: (folder) => openSqlite(folder, (path) => new DatabaseSync(path)) },
];

/** As internal/cache/index-tables.ts opens it. */
function openLmdb(folder: string): CandidateIndex {
  const root = open({ path: folder, maxDbs: 8, overlappingSync: false });
  const table = root.openDB<unknown, string>("entries", { encoding: "msgpack" });
  return {
    get: (key) => table.get(key),
    put: (key, record) => table.put(key, record),
    putAll: (records) => Promise.all(records.map(([key, record]) => table.put(key, record))),
    close: () => root.close(),
  };
}

/** WAL lets other processes read while one writes; FULL makes a commit durable, as LMDB's is. */
function openSqlite(folder: string, openDatabase: (path: string) => SqliteDatabase): CandidateIndex {
  mkdirSync(folder, { recursive: true });
  const database = openDatabase(join(folder, "index.db"));
  database.exec(
    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA mmap_size = 4294967296;",
  );
  database.exec("CREATE TABLE IF NOT EXISTS entry (key TEXT PRIMARY KEY, record TEXT NOT NULL) WITHOUT ROWID");
  const select = database.prepare("SELECT record FROM entry WHERE key = ?");
  const insert = database.prepare("INSERT OR REPLACE INTO entry (key, record) VALUES (?, ?)");
  return {
    get(key) {
      const row = select.get(key) as { record: string } | undefined;
      return row && JSON.parse(row.record);
    },
    put: async (key, record) => insert.run(key, JSON.stringify(record)),
    async putAll(records) {
      database.exec("BEGIN IMMEDIATE");
      for (const [key, record] of records) insert.run(key, JSON.stringify(record));
      database.exec("COMMIT");
    },
    close: async () => void database.close(),
  };
}
