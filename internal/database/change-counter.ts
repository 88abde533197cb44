import type { Sql } from "./session.ts";

const REPOSITORIES = "repositories";
const EVENTS = "events";

/** Until the commit nobody else writes an event: their ids become visible in their order, and who has seen one has missed none before it. */
export async function lockEvents(sql: Sql): Promise<void> {
  await count(sql, EVENTS);
}

/** Counts a change. Last in its transaction: the row is locked until the commit, so that changes are counted in the order in which they are seen. */
export async function countChange(sql: Sql): Promise<void> {
  await count(sql, REPOSITORIES);
}

async function count(sql: Sql, name: string): Promise<void> {
  await sql
    .updateTable("change_counter")
    .set((eb) => ({ value: eb("value", "+", 1) }))
    .where("name", "=", name)
    .execute();
}

/** Differs from what it was when a repository or its credential has changed since. */
export async function selectChangeCursor(sql: Sql): Promise<string> {
  const row = await sql
    .selectFrom("change_counter")
    .select("value")
    .where("name", "=", REPOSITORIES)
    .executeTakeFirst();
  return String(row?.value ?? 0);
}
