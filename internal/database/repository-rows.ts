import { Fault } from "#internal/fault/fault.ts";
import type { Labels } from "#internal/repository/labels.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { Sql } from "./session.ts";

/** All of a repository that is in one row, and whether it has a credential. */
export function repositoryQuery(sql: Sql) {
  return sql
    .selectFrom("repository")
    .selectAll()
    .select((eb) =>
      eb
        .exists(
          eb
            .selectFrom("repository_credential")
            .select("repository_credential.repositoryUid")
            .whereRef("repository_credential.repositoryUid", "=", "repository.uid"),
        )
        .as("hasCredential"),
    );
}

export type RepositoryQuery = ReturnType<typeof repositoryQuery>;
export type RepositoryRow = Awaited<ReturnType<RepositoryQuery["execute"]>>[number];

/** @throws Fault REPOSITORY_NOT_FOUND when there is none in that part of its life. */
export async function selectRepository(sql: Sql, id: string, life: "live" | "deleted" = "live"): Promise<Repository> {
  const row = await repositoryQuery(sql)
    .where("id", "=", id)
    .where("deleteTime", life === "live" ? "is" : "is not", null)
    .executeTakeFirst();
  // MariaDB finds "charts" for "charts ", too.
  if (row?.id !== id) throw repositoryNotFound(id);
  const [repository] = await toRepositories(sql, [row]);
  if (!repository) throw repositoryNotFound(id);
  return repository;
}

/** Adds the labels to the rows. */
export async function toRepositories(sql: Sql, rows: readonly RepositoryRow[]): Promise<Repository[]> {
  const labels = await selectLabels(sql, rows);
  return rows.map((row) => toRepository(row, labels.get(row.uid) ?? {}));
}

/** The refusal that a hidden repository gets, too. */
export function repositoryNotFound(id: string): Fault {
  return new Fault("REPOSITORY_NOT_FOUND", `there is no repository "${id.slice(0, 80)}"`, {
    repository: id.slice(0, 80),
  });
}

async function selectLabels(sql: Sql, rows: readonly RepositoryRow[]): Promise<Map<string, Labels>> {
  if (rows.length === 0) return new Map();
  const uids = rows.map(({ uid }) => uid);
  const found = await sql
    .selectFrom("repository_label")
    .selectAll()
    .where("repositoryUid", "in", uids)
    .orderBy("name")
    .execute();
  const labels = new Map<string, Record<string, string>>(uids.map((uid) => [uid, {}]));
  for (const { repositoryUid, name, value } of found) Object.assign(labels.get(repositoryUid) ?? {}, { [name]: value });
  return labels;
}

function toRepository(row: RepositoryRow, labels: Labels): Repository {
  return {
    id: row.id,
    uid: row.uid,
    format: row.format,
    displayName: row.displayName,
    description: row.description,
    upstreamUrl: row.upstreamUrl,
    fileOrigins: JSON.parse(row.fileOrigins),
    upstreamTrusted: row.upstreamTrusted === 1,
    visibility: row.visibility,
    owner: row.owner,
    labels,
    mode: row.mode,
    syncIntervalMs: row.syncIntervalMs,
    metadataTtlMs: row.metadataTtlMs ?? undefined,
    upstreamMode: row.upstreamMode,
    state: row.deleteTime ? "DELETED" : row.state,
    hasCredential: Boolean(row.hasCredential),
    version: row.version,
    createTime: row.createTime,
    updateTime: row.updateTime,
    deleteTime: row.deleteTime ?? undefined,
  };
}
