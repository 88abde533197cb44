/** What the drivers of both dialects throw. */
interface DriverError {
  readonly code?: string;
  readonly errno?: number;
}

const DUPLICATE_KEY: ReadonlySet<string | number> = new Set([
  "SQLITE_CONSTRAINT_UNIQUE",
  "SQLITE_CONSTRAINT_PRIMARYKEY",
  "ER_DUP_ENTRY",
]);

/** Undone by the database, fine when it is done again: 1213 deadlock, 1205 lock time-out, 1020 changed since read, 1290 and 1836 read-only. */
const TRANSIENT: ReadonlySet<string | number> = new Set([
  "SQLITE_BUSY",
  "SQLITE_BUSY_SNAPSHOT",
  "SQLITE_BUSY_RECOVERY",
  "SQLITE_LOCKED",
  1213,
  1205,
  1020,
  1290,
  1836,
]);

/** 1040 too many connections, 1053 shut-down, 1927 and 1317 killed, 2006 and 2013 gone away, 4031 idle. */
const LOST: ReadonlySet<string | number> = new Set([
  "PROTOCOL_CONNECTION_LOST",
  "PROTOCOL_ENQUEUE_AFTER_FATAL_ERROR",
  "ECONNRESET",
  "ECONNREFUSED",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  1040,
  1053,
  1317,
  1927,
  2006,
  2013,
  4031,
]);

/** Not repaired by trying again; each with what to do about it. Prefixes of SQLite's codes, numbers of MySQL's. */
const BROKEN: readonly (readonly [string | number, string])[] = [
  ["SQLITE_NOTADB", "the file is no SQLite database: restore a backup, or give another path"],
  [
    "SQLITE_CORRUPT",
    "the file is damaged: stop Larder and restore a backup, or save what can be saved with `sqlite3 <file> .recover`",
  ],
  ["SQLITE_CANTOPEN", "the file cannot be opened: look at its folder's permissions"],
  ["SQLITE_READONLY", "the file cannot be written: look at its permissions"],
  ["SQLITE_FULL", "the disk is full"],
  ["SQLITE_IOERR", "the disk does not read or write"],
  [1021, "the server's disk is full"],
  [1044, "the user may not use this database"],
  [1045, "user or password is wrong"],
  [1049, "the server has no such database: create it"],
  [1114, "the server's disk is full"],
  [1153, "a row is larger than the server's max_allowed_packet"],
];

/** What is wrong with the database, and what to do; undefined when the error says nothing of that kind. */
export function describeBreakage(error: unknown): string | undefined {
  const { code = "", errno } = (error ?? {}) as DriverError;
  return BROKEN.find(([known]) => (typeof known === "string" ? code.startsWith(known) : known === errno))?.[1];
}

/** A unique key has decided against this row. */
export function isDuplicateKey(error: unknown): boolean {
  return isOneOf(DUPLICATE_KEY, error);
}

/** The whole transaction was undone and may be done again at once. */
export function isTransient(error: unknown): boolean {
  return isOneOf(TRANSIENT, error);
}

/** The connection could not be made, or broke. */
export function isLostConnection(error: unknown): boolean {
  return isOneOf(LOST, error);
}

function isOneOf(codes: ReadonlySet<string | number>, error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errno } = error as DriverError;
  if (codes.has(code ?? "") || codes.has(errno ?? "")) return true;
  return error.cause !== undefined && isOneOf(codes, error.cause);
}
