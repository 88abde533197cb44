import type { IndexTask, Lease } from "#internal/repository/index-task.ts";
import { insertFollowUp } from "./index-task-request.ts";
import { needTask, type TaskRow, taskQuery, toTask } from "./index-task-rows.ts";
import { insertRing } from "./outbox.ts";
import type { Sql } from "./session.ts";

/** A task that a worker has taken. */
export interface ClaimedTask {
  readonly task: IndexTask;
  readonly lease: Lease;
}

const CANDIDATES = 10;
const REAPED_PER_CALL = 100;

/** Takes one task that is due, this one when `taskId` is given. Undefined: there is none, or others were faster. */
export async function claimTask(
  sql: Sql,
  now: Date,
  owner: string,
  leaseMs: number,
  taskId: string | undefined,
): Promise<ClaimedTask | undefined> {
  let query = taskQuery(sql).where("state", "=", "PENDING").where("nextAttemptTime", "<=", now);
  if (taskId !== undefined) query = query.where("id", "=", taskId);
  for (const row of await query.orderBy("nextAttemptTime").limit(CANDIDATES).execute()) {
    const attempt = row.attempt + 1;
    const { numUpdatedRows } = await sql
      .updateTable("index_task")
      .set({
        state: "WORKING",
        attempt,
        leaseOwner: owner,
        leaseUntil: new Date(now.getTime() + leaseMs),
        nextAttemptTime: null,
        startTime: row.startTime ?? now,
        cause: "",
        causeReason: "",
      })
      .where("id", "=", row.id)
      .where("state", "=", "PENDING")
      .where("attempt", "=", row.attempt)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) continue;
    await sql.deleteFrom("outbox").where("taskId", "=", row.id).execute();
    return { task: toTask(await needTask(sql, row.id)), lease: { taskId: row.id, attempt, owner } };
  }
  return undefined;
}

/** Takes the tasks of dead workers from them: to be tried again, or FAILED after `maxAttempts`. Returns how many. */
export async function reapExpired(sql: Sql, now: Date, maxAttempts: number): Promise<number> {
  const expired = await taskQuery(sql)
    .where("state", "=", "WORKING")
    .where("leaseUntil", "<", now)
    .limit(REAPED_PER_CALL)
    .execute();
  let reaped = 0;
  for (const row of expired) if (await reap(sql, now, row, maxAttempts)) reaped++;
  return reaped;
}

async function reap(sql: Sql, now: Date, row: TaskRow, maxAttempts: number): Promise<boolean> {
  const gaveUp = row.attempt >= maxAttempts;
  const cause = `worker ${row.leaseOwner} stopped without a word in attempt ${row.attempt}`;
  const columns = gaveUp
    ? { state: "FAILED" as const, activeKey: null, endTime: now, cause, causeReason: "LIMIT_EXCEEDED" }
    : { state: "PENDING" as const, nextAttemptTime: now, cause };
  const { numUpdatedRows } = await sql
    .updateTable("index_task")
    .set({ ...columns, leaseOwner: null, leaseUntil: null })
    .where("id", "=", row.id)
    .where("state", "=", "WORKING")
    .where("attempt", "=", row.attempt)
    .where("leaseUntil", "<", now)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  if (gaveUp) await insertFollowUp(sql, now, row);
  else await insertRing(sql, row.id, row.attempt, now);
  return true;
}
