import type { Sql } from "./session.ts";

/** Ends the active task of a repository that is no more, or is another one now: its worker loses the lease. */
export async function supersedeTask(sql: Sql, repositoryUid: string, now: Date, cause: string): Promise<void> {
  const task = await sql
    .selectFrom("index_task")
    .select("id")
    .where("activeKey", "=", repositoryUid)
    .executeTakeFirst();
  if (!task) return;
  await sql
    .updateTable("index_task")
    .set({
      state: "SUPERSEDED",
      activeKey: null,
      leaseOwner: null,
      leaseUntil: null,
      nextAttemptTime: null,
      endTime: now,
      cause,
    })
    .where("id", "=", task.id)
    .where("activeKey", "=", repositoryUid)
    .execute();
  await sql.deleteFrom("outbox").where("taskId", "=", task.id).execute();
}
