import { Fault } from "#internal/fault/fault.ts";
import type { IndexTask } from "#internal/repository/index-task.ts";
import { insertEvent } from "./event-rows.ts";
import { needTask, toTask } from "./index-task-rows.ts";
import type { Sql } from "./session.ts";

/**
 * Ends an active task: its worker loses the lease. All that was asked for is taken back, so nothing follows.
 * @throws Fault INDEX_TASK_NOT_FOUND; INDEX_TASK_ENDED.
 */
export async function cancelTask(sql: Sql, now: Date, id: string, actor: string): Promise<IndexTask> {
  const { repositoryId, repositoryUid } = await needTask(sql, id);
  const { numUpdatedRows } = await sql
    .updateTable("index_task")
    .set({
      state: "CANCELLED",
      activeKey: null,
      leaseOwner: null,
      leaseUntil: null,
      nextAttemptTime: null,
      rerun: 0,
      endTime: now,
      cause: `it was cancelled by ${actor}`,
      causeReason: "",
    })
    .where("id", "=", id)
    .where("activeKey", "is not", null)
    .executeTakeFirst();
  const task = toTask(await needTask(sql, id));
  if (numUpdatedRows === 0n) {
    const message = `index task "${id}" has ended ${task.state}: it cannot be cancelled any more`;
    throw new Fault("INDEX_TASK_ENDED", message, { task: id, state: task.state });
  }
  await sql.deleteFrom("outbox").where("taskId", "=", id).execute();
  const message = `A run of the indexer over repository ${repositoryId} was cancelled.`;
  const event = { repositoryId, repositoryUid, type: "INDEX_CANCELLED", message, facts: { task: id }, actor } as const;
  await insertEvent(sql, now, event);
  return task;
}
