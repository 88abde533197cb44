import type { Sql } from "./session.ts";

/** A doorbell that has not been rung. */
export interface PendingRing {
  readonly id: number;
  readonly taskId: string;
  readonly attempt: number;
}

/** Asks for a ring at `dueTime`, in the transaction that makes the task wait. */
export async function insertRing(sql: Sql, taskId: string, attempt: number, dueTime: Date): Promise<void> {
  await sql.deleteFrom("outbox").where("taskId", "=", taskId).execute();
  await sql.insertInto("outbox").values({ taskId, attempt, dueTime }).execute();
}

/** Rings that are due, oldest first. */
export function selectRings(sql: Sql, now: Date, limit: number): Promise<PendingRing[]> {
  return sql
    .selectFrom("outbox")
    .select(["id", "taskId", "attempt"])
    .where("dueTime", "<=", now)
    .orderBy("dueTime")
    .orderBy("id")
    .limit(limit)
    .execute();
}
