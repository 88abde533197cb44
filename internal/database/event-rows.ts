import type { EventType, NewRepositoryEvent, RepositoryEvent } from "#internal/repository/event.ts";
import { cursorOf, type Page, type PageRequest, pageOf, pageSizeOf } from "./page.ts";
import type { Sql } from "./session.ts";

/** Writes what happened, in the transaction in which it happens. */
export async function insertEvent(sql: Sql, now: Date, event: NewRepositoryEvent): Promise<void> {
  await sql
    .insertInto("repository_event")
    .values({ ...event, facts: JSON.stringify(event.facts), createTime: now })
    .execute();
}

/** Events of one repository, or of all when `repositoryId` is undefined; newest first. */
export async function selectEvents(
  sql: Sql,
  repositoryId: string | undefined,
  request: PageRequest,
): Promise<Page<RepositoryEvent>> {
  const size = pageSizeOf(request);
  const scope = ["events", repositoryId];
  const cursor = cursorOf(request, scope, [0]);
  let query = sql.selectFrom("repository_event").selectAll();
  if (repositoryId !== undefined) query = query.where("repositoryId", "=", repositoryId);
  if (cursor) query = query.where("id", "<", Number(cursor[0]));
  const rows = await query
    .orderBy("id", "desc")
    .limit(size + 1)
    .execute();
  return pageOf(
    rows,
    size,
    scope,
    (row) => [row.id],
    (row) => ({ ...row, id: String(row.id), type: row.type as EventType, facts: JSON.parse(row.facts) }),
  );
}
