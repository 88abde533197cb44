import { Fault } from "#internal/fault/fault.ts";
import type { EventType } from "#internal/repository/event.ts";
import { checkLabels } from "#internal/repository/labels.ts";
import type { Credential, Repository, UpstreamMode } from "#internal/repository/repository.ts";
import { writeCredential } from "./credential-rows.ts";
import { insertEvent } from "./event-rows.ts";
import { supersedeTask } from "./index-task-end.ts";
import { requestForUpstream } from "./index-task-request.ts";
import { newId } from "./new-id.ts";
import {
  type ChangeBy,
  insertRepository,
  type NewRepository,
  type RepositoryChanges,
  replaceLabels,
  toColumns,
  type UpdateBy,
  updateRepositoryRow,
} from "./repository-changes.ts";
import { repositoryNotFound, selectRepository } from "./repository-rows.ts";
import type { SecretBox } from "./secret-box.ts";
import type { Sql } from "./session.ts";
import { isDuplicateKey } from "./sql-errors.ts";

type Change = <Result>(work: (sql: Sql, now: Date) => Promise<Result>) => Promise<Result>;

/** `replacedUid`: the deleted repository that had the id; its catalogue is to be removed. */
export async function createRepository(
  change: Change,
  box: SecretBox,
  repository: NewRepository,
  actor: string,
): Promise<{ created: Repository; replacedUid: string | undefined }> {
  const { id, format, upstreamUrl, credential } = repository;
  checkLabels(repository.labels);
  try {
    return await change(async (sql, now) => {
      const replacedUid = await removeDeleted(sql, id);
      const uid = newId(now);
      await insertRepository(sql, repository, uid, now);
      if (credential) await writeCredential(sql, box, uid, credential, now);
      await tell(sql, now, { id, uid }, "CREATED", `Repository ${id} was created.`, { format, upstreamUrl }, actor);
      return { created: await selectRepository(sql, id), replacedUid };
    });
  } catch (error) {
    if (isDuplicateKey(error)) throw exists(id);
    throw error;
  }
}

export async function updateRepository(
  sql: Sql,
  now: Date,
  box: SecretBox,
  id: string,
  changes: RepositoryChanges,
  { actor, etagVersion, isIndexable = false }: UpdateBy,
): Promise<Repository> {
  const before = await selectRepository(sql, id);
  await updateRepositoryRow(sql, id, toColumns(changes, now), now, etagVersion);
  const { uid, upstreamUrl } = await selectRepository(sql, id);
  if (changes.labels) await replaceLabels(sql, uid, changes.labels);
  if ("credential" in changes) await writeCredential(sql, box, uid, changes.credential, now);
  if (upstreamUrl !== before.upstreamUrl) await requestForUpstream(sql, now, { id, uid }, isIndexable, actor);
  const fields = Object.keys(changes).sort().join(",");
  await tell(sql, now, { id, uid }, "UPDATED", `Repository ${id} was changed.`, { fields }, actor);
  return selectRepository(sql, id);
}

export async function deleteRepository(sql: Sql, now: Date, id: string, by: ChangeBy): Promise<Repository> {
  await updateRepositoryRow(sql, id, { deleteTime: now, nextIndexTime: null }, now, by.etagVersion);
  const deleted = await selectRepository(sql, id, "deleted");
  await supersedeTask(sql, deleted.uid, now, "the repository was deleted");
  await tell(sql, now, deleted, "DELETED", `Repository ${id} was deleted.`, {}, by.actor);
  return deleted;
}

export async function undeleteRepository(sql: Sql, now: Date, id: string, actor: string): Promise<Repository> {
  const { numUpdatedRows } = await sql
    .updateTable("repository")
    .set((eb) => ({ deleteTime: null, updateTime: now, version: eb("version", "+", 1) }))
    .where("id", "=", id)
    .where("deleteTime", "is not", null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw repositoryNotFound(id);
  await sql
    .updateTable("repository")
    .set({ nextIndexTime: now })
    .where("id", "=", id)
    .where("syncIntervalMs", ">", 0)
    .execute();
  const undeleted = await selectRepository(sql, id);
  await tell(sql, now, undeleted, "UNDELETED", `The deletion of repository ${id} was taken back.`, {}, actor);
  return undeleted;
}

export async function setCredential(
  sql: Sql,
  now: Date,
  box: SecretBox,
  id: string,
  credential: Credential | undefined,
  actor: string,
): Promise<Repository> {
  await updateRepositoryRow(sql, id, {}, now);
  const { uid } = await selectRepository(sql, id);
  await writeCredential(sql, box, uid, credential, now);
  const [type, verb] = credential ? (["CREDENTIAL_SET", "set"] as const) : (["CREDENTIAL_CLEARED", "cleared"] as const);
  const facts: Record<string, string> = credential ? { kind: credential.kind } : {};
  await tell(sql, now, { id, uid }, type, `The credential of repository ${id} was ${verb}.`, facts, actor);
  return selectRepository(sql, id);
}

export async function setUpstreamMode(
  sql: Sql,
  now: Date,
  target: { readonly id: string } | "all",
  mode: UpstreamMode,
  actor: string,
): Promise<Repository[]> {
  const ids = target === "all" ? await selectIds(sql) : [target.id];
  const repositories: Repository[] = [];
  for (const id of ids) {
    const before = await selectRepository(sql, id);
    if (before.upstreamMode !== mode) {
      await updateRepositoryRow(sql, id, { upstreamMode: mode }, now);
      await tell(
        sql,
        now,
        before,
        "UPSTREAM_MODE_SET",
        `The upstream of repository ${id} is ${mode}.`,
        { mode },
        actor,
      );
    }
    repositories.push(await selectRepository(sql, id));
  }
  return repositories;
}

async function selectIds(sql: Sql): Promise<string[]> {
  const rows = await sql.selectFrom("repository").select("id").where("deleteTime", "is", null).orderBy("id").execute();
  return rows.map(({ id }) => id);
}

/** Makes room for a repository of the same id. Returns the uid of the one that was there. */
async function removeDeleted(sql: Sql, id: string): Promise<string | undefined> {
  const row = await sql.selectFrom("repository").select(["uid", "deleteTime"]).where("id", "=", id).executeTakeFirst();
  if (!row) return undefined;
  if (row.deleteTime === null) throw exists(id);
  await sql.deleteFrom("repository").where("uid", "=", row.uid).where("deleteTime", "is not", null).execute();
  await sql.deleteFrom("repository_label").where("repositoryUid", "=", row.uid).execute();
  await sql.deleteFrom("repository_credential").where("repositoryUid", "=", row.uid).execute();
  return row.uid;
}

function tell(
  sql: Sql,
  now: Date,
  { id: repositoryId, uid: repositoryUid }: Pick<Repository, "id" | "uid">,
  type: EventType,
  message: string,
  facts: Record<string, string>,
  actor: string,
): Promise<void> {
  return insertEvent(sql, now, { repositoryId, repositoryUid, type, message, facts, actor });
}

function exists(id: string): Fault {
  return new Fault("REPOSITORY_EXISTS", `there is a repository "${id}" already`, { repository: id });
}
