import { Fault } from "#internal/fault/fault.ts";
import type { IndexTask } from "#internal/repository/index-task.ts";
import type { Sql } from "./session.ts";

export function taskQuery(sql: Sql) {
  return sql.selectFrom("index_task").selectAll();
}

export type TaskRow = Awaited<ReturnType<ReturnType<typeof taskQuery>["execute"]>>[number];

/** @throws Fault INDEX_TASK_NOT_FOUND. */
export async function needTask(sql: Sql, id: string): Promise<TaskRow> {
  const row = await taskQuery(sql).where("id", "=", id).executeTakeFirst();
  if (row?.id === id) return row;
  const shown = id.slice(0, 80);
  throw new Fault("INDEX_TASK_NOT_FOUND", `there is no index task "${shown}"`, { task: shown });
}

export function toTask(row: TaskRow): IndexTask {
  const { id, repositoryId, repositoryUid, state, cause, causeReason, attempt, indexDigest, actor, createTime } = row;
  const { seen, added, updated, removed, skipped, failed } = row;
  return {
    id,
    repositoryId,
    repositoryUid,
    state,
    counts: { seen, added, updated, removed, skipped, failed },
    cause,
    causeReason,
    attempt,
    rerun: row.rerun === 1,
    unchanged: row.unchanged === 1,
    force: row.forced === 1,
    indexDigest,
    confirmedDigest: row.confirmedDigest,
    actor,
    packages: JSON.parse(row.packages),
    createTime,
    startTime: row.startTime ?? undefined,
    endTime: row.endTime ?? undefined,
    // A task that nobody has tried yet waits for a worker, not for a time.
    nextAttemptTime: (row.state === "PENDING" && row.attempt > 0 && row.nextAttemptTime) || undefined,
  };
}
