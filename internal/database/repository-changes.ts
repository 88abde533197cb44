import { Fault } from "#internal/fault/fault.ts";
import { checkLabels, type Labels } from "#internal/repository/labels.ts";
import type { Credential, Repository } from "#internal/repository/repository.ts";
import { repositoryNotFound } from "./repository-rows.ts";
import type { Sql } from "./session.ts";

/** What a repository is created with. */
export interface NewRepository
  extends Pick<
    Repository,
    | "id"
    | "format"
    | "displayName"
    | "description"
    | "upstreamUrl"
    | "fileOrigins"
    | "upstreamTrusted"
    | "visibility"
    | "owner"
    | "labels"
    | "mode"
    | "syncIntervalMs"
    | "metadataTtlMs"
  > {
  readonly state: "ACTIVE" | "UNREACHABLE";
  /** Stored with the repository, in the same transaction. */
  readonly credential?: Credential | undefined;
}

/**
 * The fields that an update may name; one that is absent stays as it is. `metadataTtlMs: undefined` gives the server's default back,
 * `credential: undefined` clears the secret.
 */
export type RepositoryChanges = Partial<Omit<NewRepository, "id" | "format" | "mode">>;

/** Who changes a repository, and which version they have seen. */
export interface ChangeBy {
  /** `users/{user}` or "system". */
  readonly actor: string;
  /** Must be the stored `Repository.version` when it is given. */
  readonly etagVersion?: number | undefined;
}

/** Who updates a repository. */
export interface UpdateBy extends ChangeBy {
  /** Its format has an index of everything: that of another upstream is read when the old one's was ever asked for. Default false. */
  readonly isIndexable?: boolean;
}

/** Columns of the fields that are named. */
export function toColumns(changes: RepositoryChanges, now: Date) {
  const { fileOrigins, labels: _, credential: _secret, upstreamTrusted, syncIntervalMs, ...plain } = changes;
  return {
    ...plain,
    ...("metadataTtlMs" in changes && { metadataTtlMs: changes.metadataTtlMs ?? null }),
    ...(fileOrigins && { fileOrigins: JSON.stringify(fileOrigins) }),
    ...(upstreamTrusted !== undefined && { upstreamTrusted: upstreamTrusted ? 1 : 0 }),
    ...(syncIntervalMs !== undefined && { syncIntervalMs, nextIndexTime: syncIntervalMs > 0 ? now : null }),
  };
}

/** Inserts the row of a new repository. */
export async function insertRepository(sql: Sql, repository: NewRepository, uid: string, now: Date): Promise<void> {
  const { labels, credential: _, ...rest } = repository;
  await sql
    .insertInto("repository")
    .values({
      ...rest,
      uid,
      fileOrigins: JSON.stringify(rest.fileOrigins),
      upstreamTrusted: rest.upstreamTrusted ? 1 : 0,
      metadataTtlMs: rest.metadataTtlMs ?? null,
      upstreamMode: "ONLINE",
      version: 1,
      createTime: now,
      updateTime: now,
      deleteTime: null,
      nextIndexTime: rest.syncIntervalMs > 0 ? now : null,
    })
    .execute();
  await replaceLabels(sql, uid, labels);
}

/** @throws Fault ARGUMENT_INVALID when a label breaks its rule. */
export async function replaceLabels(sql: Sql, repositoryUid: string, labels: Labels): Promise<void> {
  const rows = Object.entries(checkLabels(labels)).map(([name, value]) => ({ repositoryUid, name, value }));
  await sql.deleteFrom("repository_label").where("repositoryUid", "=", repositoryUid).execute();
  if (rows.length > 0) await sql.insertInto("repository_label").values(rows).execute();
}

/**
 * Sets columns of a repository that is not deleted, and its new version.
 * @throws Fault REPOSITORY_NOT_FOUND; ETAG_STALE when `etagVersion` is not the stored version.
 */
export async function updateRepositoryRow(
  sql: Sql,
  id: string,
  columns: ReturnType<typeof toColumns> & { deleteTime?: Date; upstreamMode?: Repository["upstreamMode"] },
  now: Date,
  etagVersion?: number,
): Promise<void> {
  let query = sql
    .updateTable("repository")
    .set((eb) => ({ ...columns, updateTime: now, version: eb("version", "+", 1) }))
    .where("id", "=", id)
    .where("deleteTime", "is", null);
  if (etagVersion !== undefined) query = query.where("version", "=", etagVersion);
  const { numUpdatedRows } = await query.executeTakeFirst();
  if (numUpdatedRows > 0n) return;

  const row = await sql
    .selectFrom("repository")
    .select("version")
    .where("id", "=", id)
    .where("deleteTime", "is", null)
    .executeTakeFirst();
  if (!row) throw repositoryNotFound(id);
  throw new Fault("ETAG_STALE", `repository "${id}" has changed meanwhile: read it again, then repeat the change`, {
    repository: id,
  });
}
