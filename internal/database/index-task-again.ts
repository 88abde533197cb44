import { Fault } from "#internal/fault/fault.ts";
import type { IndexTask, IndexTaskState } from "#internal/repository/index-task.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { insertTask, markRerun, selectActiveTask } from "./index-task-request.ts";
import { needTask, type TaskRow, toTask } from "./index-task-rows.ts";
import { repositoryNotFound, selectRepository } from "./repository-rows.ts";
import type { Sql } from "./session.ts";

const DONE: readonly IndexTaskState[] = ["SUCCEEDED", "SUPERSEDED"];

/**
 * Asks again for what a task was to do. An active task of the repository is returned, marked to run again.
 * @throws Fault INDEX_TASK_NOT_FOUND; INDEX_TASK_NOT_RETRYABLE; REPOSITORY_NOT_FOUND.
 */
export async function requestAgain(sql: Sql, now: Date, id: string, actor: string): Promise<IndexTask> {
  const task = await needTask(sql, id);
  const repository = await needSameRepository(sql, task);
  if (DONE.includes(task.state)) {
    const message = `index task "${id}" has ended ${task.state}: ask for a new run with IndexRepository`;
    throw new Fault("INDEX_TASK_NOT_RETRYABLE", message, { task: id, state: task.state });
  }
  const request = { ...requestOf(task), actor };
  const active = await selectActiveTask(sql, repository.uid);
  if (active) await markRerun(sql, active, request);
  return toTask(await needTask(sql, active?.id ?? (await insertTask(sql, now, repository, request))));
}

/**
 * Asks again for what a HELD task was to do, and lets it remove what the index does not list as long as that is the one that was held.
 * @throws Fault INDEX_TASK_NOT_FOUND; INDEX_TASK_NOT_HELD; INDEX_TASK_ACTIVE; REPOSITORY_NOT_FOUND.
 */
export async function confirmRemovals(sql: Sql, now: Date, id: string, actor: string): Promise<IndexTask> {
  const held = await needTask(sql, id);
  const repository = await needSameRepository(sql, held);
  if (held.state !== "HELD")
    throw notHeld(held, `index task "${id}" is ${held.state}: only a HELD one can be confirmed`);
  const active = await selectActiveTask(sql, repository.uid);
  if (active && !isConfirmationOf(active, held)) throw busy(active);
  if (active) return toTask(active);
  const later = await selectLaterRead(sql, held);
  if (later)
    throw notHeld(held, `index task "${later.id}" has read the index since: there is nothing to confirm any more`);
  const request = { ...requestOf(held), actor, confirmedDigest: held.indexDigest };
  return toTask(await needTask(sql, await insertTask(sql, now, repository, request)));
}

function requestOf({ packages, forced }: TaskRow) {
  return { packages: JSON.parse(packages) as string[], force: forced === 1 };
}

/** Another repository may have taken the id. */
async function needSameRepository(sql: Sql, { repositoryId, repositoryUid }: TaskRow): Promise<Repository> {
  const repository = await selectRepository(sql, repositoryId);
  if (repository.uid !== repositoryUid) throw repositoryNotFound(repositoryId);
  return repository;
}

function isConfirmationOf({ confirmedDigest, packages }: TaskRow, held: TaskRow): boolean {
  return confirmedDigest === held.indexDigest && packages === held.packages;
}

/** A run that has made the catalogue another one than the held run saw; so has the one that was confirmed. */
function selectLaterRead(sql: Sql, { id, repositoryUid }: TaskRow) {
  return sql
    .selectFrom("index_task")
    .select("id")
    .where("repositoryUid", "=", repositoryUid)
    .where("id", ">", id)
    .where("state", "in", ["SUCCEEDED", "PARTIAL"])
    .limit(1)
    .executeTakeFirst();
}

function notHeld({ id, state }: TaskRow, message: string): Fault {
  return new Fault("INDEX_TASK_NOT_HELD", message, { task: id, state });
}

function busy({ id, state }: TaskRow): Fault {
  const message = `index task "${id}" of the repository is ${state}: wait for its end, or cancel it, then confirm`;
  return new Fault("INDEX_TASK_ACTIVE", message, { task: id, state });
}
