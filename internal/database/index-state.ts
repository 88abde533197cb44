import type { Sql } from "./session.ts";

/** What is known of a repository's index. */
export interface IndexState {
  /** "sha256:…" of the index that the catalogue says all of; "" when there is none. */
  readonly digest: string;
  /** To ask for the index only if it has changed; of `upstreamUrl`, not valid for another. */
  readonly validators: { readonly upstreamUrl: string; readonly etag: string; readonly lastModified: string };
  readonly lastCheckTime: Date | undefined;
  readonly lastSuccessTime: Date | undefined;
  readonly lastErrorTime: Date | undefined;
  /** "" when the last check went well. */
  readonly lastError: string;
}

const EMPTY = { digest: "", upstreamUrl: "", etag: "", lastModified: "", lastError: "" };

export async function selectIndexState(sql: Sql, repositoryUid: string): Promise<IndexState> {
  const row = await sql
    .selectFrom("index_state")
    .selectAll()
    .where("repositoryUid", "=", repositoryUid)
    .executeTakeFirst();
  const { digest, upstreamUrl, etag, lastModified, lastError } = row ?? EMPTY;
  return {
    digest,
    validators: { upstreamUrl, etag, lastModified },
    lastCheckTime: row?.lastCheckTime ?? undefined,
    lastSuccessTime: row?.lastSuccessTime ?? undefined,
    lastErrorTime: row?.lastErrorTime ?? undefined,
    lastError,
  };
}

/** The row that everything kept of a repository hangs on: whatever has none belongs to nobody. */
export async function ensureIndexState(sql: Sql, repositoryUid: string): Promise<void> {
  if (await hasIndexState(sql, repositoryUid)) return;
  await sql
    .insertInto("index_state")
    .values({ ...EMPTY, repositoryUid })
    .execute();
}

/** Whether a run was ever asked for. */
export async function hasIndexState(sql: Sql, repositoryUid: string): Promise<boolean> {
  const row = await sql
    .selectFrom("index_state")
    .select("repositoryUid")
    .where("repositoryUid", "=", repositoryUid)
    .executeTakeFirst();
  return row !== undefined;
}

/** The catalogue is about to say something else than the index that was read last: whoever ends in the middle leaves neither. */
export async function forgetIndex(sql: Sql, repositoryUid: string): Promise<void> {
  await sql
    .updateTable("index_state")
    .set({ digest: "", upstreamUrl: "", etag: "", lastModified: "" })
    .where("repositoryUid", "=", repositoryUid)
    .execute();
}

/** A run that got an index, and compared all of it or found it unchanged. */
export interface IndexRead {
  readonly digest: string;
  readonly upstreamUrl: string;
  readonly etag: string;
  readonly lastModified: string;
}

/** `read` is undefined when the run does not stand for the whole index: what was known of it stays. */
export async function recordSuccess(
  sql: Sql,
  repositoryUid: string,
  now: Date,
  read: IndexRead | undefined,
): Promise<void> {
  await sql
    .updateTable("index_state")
    .set({ ...read, lastCheckTime: now, lastSuccessTime: now, lastError: "" })
    .where("repositoryUid", "=", repositoryUid)
    .execute();
}

export async function recordError(sql: Sql, repositoryUid: string, now: Date, lastError: string): Promise<void> {
  await sql
    .updateTable("index_state")
    .set({ lastCheckTime: now, lastErrorTime: now, lastError })
    .where("repositoryUid", "=", repositoryUid)
    .execute();
}
