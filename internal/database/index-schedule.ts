import { SYSTEM_ACTOR } from "#internal/repository/event.ts";
import { insertTask, selectActiveTask } from "./index-task-request.ts";
import type { Sql } from "./session.ts";

const MIN_INTERVAL_MS = 60_000;
/** Spreads repositories that were made at the same time. */
const JITTER = 0.1;
const DUE_PER_CALL = 100;

/** Repositories whose next run is due. */
export function selectDue(sql: Sql, now: Date, formats: readonly string[]) {
  return sql
    .selectFrom("repository")
    .select(["id", "uid", "syncIntervalMs", "nextIndexTime"])
    .where("nextIndexTime", "<=", now)
    .where("deleteTime", "is", null)
    .where("format", "in", formats)
    .orderBy("nextIndexTime")
    .limit(DUE_PER_CALL)
    .execute();
}

export type DueRepository = Awaited<ReturnType<typeof selectDue>>[number];

/** Sets the next time, and asks for the run unless one is active. Of several schedulers one wins; false for the others. */
export async function requestDue(sql: Sql, now: Date, due: DueRepository): Promise<boolean> {
  const intervalMs = Math.max(due.syncIntervalMs, MIN_INTERVAL_MS) * (1 + Math.random() * JITTER);
  const { numUpdatedRows } = await sql
    .updateTable("repository")
    .set({ nextIndexTime: new Date(now.getTime() + intervalMs) })
    .where("uid", "=", due.uid)
    .where("nextIndexTime", "=", due.nextIndexTime)
    .where("deleteTime", "is", null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return false;
  if (await selectActiveTask(sql, due.uid)) return false;
  await insertTask(sql, now, due, { packages: [], force: false, actor: SYSTEM_ACTOR });
  return true;
}
