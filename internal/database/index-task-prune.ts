import type { Sql } from "./session.ts";

const TASKS_PER_CALL = 500;

/** Forgets tasks that ended before, with their issues. */
export async function pruneTasks(sql: Sql, before: Date): Promise<number> {
  const rows = await sql
    .selectFrom("index_task")
    .select("id")
    .where("activeKey", "is", null)
    .where("endTime", "<", before)
    .limit(TASKS_PER_CALL)
    .execute();
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return 0;
  await sql.deleteFrom("index_issue").where("taskId", "in", ids).execute();
  await sql.deleteFrom("index_task").where("id", "in", ids).execute();
  return ids.length;
}
