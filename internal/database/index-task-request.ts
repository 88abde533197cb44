import { NO_COUNTS } from "#internal/repository/index-task.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { ensureIndexState, hasIndexState } from "./index-state.ts";
import { type TaskRow, taskQuery } from "./index-task-rows.ts";
import { newId } from "./new-id.ts";
import { insertRing } from "./outbox.ts";
import type { Sql } from "./session.ts";

/** What a run is to do. */
export interface IndexRequest {
  /** Only these; empty: all. */
  readonly packages: readonly string[];
  /** Compare even when the index has not changed. */
  readonly force: boolean;
  /** Who asks. */
  readonly actor: string;
  /** Index whose removals are allowed. */
  readonly confirmedDigest?: string;
}

/** More than this in sum: all. */
const MAX_PACKAGES = 1_000;

/** The active task, if there is one. */
export function selectActiveTask(sql: Sql, repositoryUid: string): Promise<TaskRow | undefined> {
  return taskQuery(sql).where("activeKey", "=", repositoryUid).executeTakeFirst();
}

/** A new task and its doorbell. Throws a duplicate key when another one became active meanwhile. */
export async function insertTask(
  sql: Sql,
  now: Date,
  { id: repositoryId, uid: repositoryUid }: Pick<Repository, "id" | "uid">,
  { packages, force, actor, confirmedDigest = "" }: IndexRequest,
): Promise<string> {
  const id = newId(now);
  await sql
    .insertInto("index_task")
    .values({
      ...NO_COUNTS,
      id,
      repositoryId,
      repositoryUid,
      activeKey: repositoryUid,
      state: "PENDING",
      forced: force ? 1 : 0,
      packages: JSON.stringify(packages),
      rerun: 0,
      rerunForced: 0,
      rerunPackages: "[]",
      rerunActor: "",
      confirmedDigest,
      actor,
      attempt: 0,
      nextAttemptTime: now,
      progress: 0,
      progressDigest: "",
      unchanged: 0,
      digestBefore: "",
      indexDigest: "",
      cause: "",
      causeReason: "",
      createTime: now,
    })
    .execute();
  await ensureIndexState(sql, repositoryUid);
  await insertRing(sql, id, 0, now);
  return id;
}

/**
 * Asks for a run over the new upstream of a repository. An active task that has not read the old one needs no other; else one follows. Without
 * an active task there is a new one when `isIndexable` and a run was ever asked for.
 */
export async function requestForUpstream(
  sql: Sql,
  now: Date,
  repository: Pick<Repository, "id" | "uid">,
  isIndexable: boolean,
  actor: string,
): Promise<void> {
  const request = { packages: [], force: false, actor };
  const active = await selectActiveTask(sql, repository.uid);
  const readsAll = active?.state === "PENDING" && active.packages === "[]";
  if (active && !readsAll) await markRerun(sql, active, request);
  if (active || !isIndexable || !(await hasIndexState(sql, repository.uid))) return;
  await insertTask(sql, now, repository, request);
}

/** Marks the active task: another run follows, which does what all who have asked meanwhile want. */
export async function markRerun(sql: Sql, task: TaskRow, { packages, force, actor }: IndexRequest): Promise<void> {
  const wanted = task.rerun === 1 ? union(JSON.parse(task.rerunPackages), packages) : packages;
  await sql
    .updateTable("index_task")
    .set({
      rerun: 1,
      rerunForced: force ? 1 : task.rerunForced,
      rerunPackages: JSON.stringify(wanted),
      rerunActor: actor,
    })
    .where("id", "=", task.id)
    .where("activeKey", "is not", null)
    .execute();
}

/** The run that was asked for while `task` was active. */
export async function insertFollowUp(sql: Sql, now: Date, task: TaskRow): Promise<void> {
  if (task.rerun === 0) return;
  const repository = { id: task.repositoryId, uid: task.repositoryUid };
  const actor = task.rerunActor || task.actor;
  await insertTask(sql, now, repository, {
    packages: JSON.parse(task.rerunPackages),
    force: task.rerunForced === 1,
    actor,
  });
}

function union(one: readonly string[], other: readonly string[]): string[] {
  if (one.length === 0 || other.length === 0) return [];
  const both = [...new Set([...one, ...other])];
  return both.length > MAX_PACKAGES ? [] : both;
}
