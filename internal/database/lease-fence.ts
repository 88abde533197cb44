import { type Lease, LeaseLost } from "#internal/repository/index-task.ts";
import type { Sql } from "./session.ts";

/**
 * First statement of every write of a run: extends the lease and locks the task's row, so that the write and the proof that the worker still
 * has the task are one.
 * @throws LeaseLost when it has it no more.
 */
export async function holdLease(sql: Sql, now: Date, lease: Lease, leaseMs: number): Promise<void> {
  const { numUpdatedRows } = await sql
    .updateTable("index_task")
    .set({ leaseUntil: new Date(now.getTime() + leaseMs) })
    .where("id", "=", lease.taskId)
    .where("state", "=", "WORKING")
    .where("attempt", "=", lease.attempt)
    .where("leaseOwner", "=", lease.owner)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) throw new LeaseLost(lease);
}
