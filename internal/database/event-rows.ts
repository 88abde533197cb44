import { Fault } from "#internal/fault/fault.ts";
import type { EventType, NewRepositoryEvent, RepositoryEvent } from "#internal/repository/event.ts";
import { lockEvents } from "./change-counter.ts";
import { cursorOf, type Page, type PageRequest, pageOf, pageSizeOf } from "./page.ts";
import type { Sql } from "./session.ts";

const EVENTS_PER_PRUNE = 500;
const EVENT_ID = /^\d{1,15}$/;

/** Writes what happened, in the transaction in which it happens. */
export async function insertEvent(sql: Sql, now: Date, event: NewRepositoryEvent): Promise<void> {
  await lockEvents(sql);
  await sql
    .insertInto("repository_event")
    .values({ ...event, facts: JSON.stringify(event.facts), createTime: now })
    .execute();
}

/** Events of one repository, or of all when `repositoryUid` is undefined; newest first. */
export async function selectEvents(
  sql: Sql,
  repositoryUid: string | undefined,
  request: PageRequest,
): Promise<Page<RepositoryEvent>> {
  const size = pageSizeOf(request);
  const scope = ["events", repositoryUid];
  const cursor = cursorOf(request, scope, [0]);
  let query = eventQuery(sql, repositoryUid);
  if (cursor) query = query.where("id", "<", Number(cursor[0]));
  const rows = await query
    .orderBy("id", "desc")
    .limit(size + 1)
    .execute();
  return pageOf(rows, size, scope, (row) => [row.id], toEvent);
}

/** Events after the one with this id, oldest first. @throws Fault ARGUMENT_INVALID when it is no id. */
export async function selectEventsAfter(
  sql: Sql,
  repositoryUid: string | undefined,
  afterId: string,
  limit: number,
): Promise<RepositoryEvent[]> {
  if (!EVENT_ID.test(afterId)) {
    const message = `after_event_id "${afterId.slice(0, 40)}" must be the id of an event`;
    throw new Fault("ARGUMENT_INVALID", message, { field: "after_event_id" });
  }
  const rows = await eventQuery(sql, repositoryUid)
    .where("id", ">", Number(afterId))
    .orderBy("id")
    .limit(limit)
    .execute();
  return rows.map(toEvent);
}

/** Of any repository; "0": there is none. */
export async function selectLastEventId(sql: Sql): Promise<string> {
  const row = await sql.selectFrom("repository_event").select("id").orderBy("id", "desc").limit(1).executeTakeFirst();
  return String(row?.id ?? 0);
}

/** Forgets some of the events before; returns how many, 0 when there are no more. */
export async function pruneEvents(sql: Sql, before: Date): Promise<number> {
  // Ids grow with time, so the oldest are the first: nothing else needs to be looked at.
  const oldest = await eventQuery(sql, undefined).orderBy("id").limit(EVENTS_PER_PRUNE).execute();
  const ids = oldest.filter(({ createTime }) => createTime < before).map(({ id }) => id);
  if (ids.length > 0) await sql.deleteFrom("repository_event").where("id", "in", ids).execute();
  return ids.length;
}

function eventQuery(sql: Sql, repositoryUid: string | undefined) {
  const query = sql.selectFrom("repository_event").selectAll();
  return repositoryUid === undefined ? query : query.where("repositoryUid", "=", repositoryUid);
}

type EventRow = Awaited<ReturnType<ReturnType<typeof eventQuery>["execute"]>>[number];

function toEvent(row: EventRow): RepositoryEvent {
  return { ...row, id: String(row.id), type: row.type as EventType, facts: JSON.parse(row.facts) };
}
