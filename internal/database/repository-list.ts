import { Fault } from "#internal/fault/fault.ts";
import { type FilterTerm, filterInvalid, parseFilter } from "#internal/repository/filter.ts";
import type { Repository, RepositoryState, Visibility } from "#internal/repository/repository.ts";
import { type Cursor, cursorOf, type Page, type PageRequest, pageOf, pageSizeOf } from "./page.ts";
import { type RepositoryQuery, type RepositoryRow, repositoryQuery, toRepositories } from "./repository-rows.ts";
import type { Sql } from "./session.ts";

/** What ListRepositories can be asked for. */
export interface RepositoryListRequest extends PageRequest {
  /** Terms on format, state, visibility, owner and labels.<key>. */
  readonly filter?: string;
  /** "id" (default), "create_time" or "update_time", each with " desc" or not. */
  readonly orderBy?: string;
  /** Also those that are deleted. */
  readonly showDeleted?: boolean;
}

type Column = "id" | "createTime" | "updateTime";
const COLUMNS: ReadonlyMap<string, Column> = new Map([
  ["id", "id"],
  ["create_time", "createTime"],
  ["update_time", "updateTime"],
]);
const STATES: ReadonlySet<string> = new Set<RepositoryState>(["ACTIVE", "UNREACHABLE", "DELETED"]);
const VISIBILITIES: ReadonlySet<string> = new Set<Visibility>(["PUBLIC", "INTERNAL", "PRIVATE"]);

/** @throws Fault ARGUMENT_INVALID when filter, order or page token cannot be used. */
export async function listRepositories(sql: Sql, request: RepositoryListRequest): Promise<Page<Repository>> {
  const { filter = "", orderBy = "id", showDeleted = false } = request;
  const size = pageSizeOf(request);
  const { column, direction } = readOrder(orderBy);
  const scope = ["repositories", filter, column, direction, showDeleted];
  const cursor = cursorOf(request, scope, column === "id" ? [""] : [0, ""]);

  let query = repositoryQuery(sql);
  if (!showDeleted) query = query.where("deleteTime", "is", null);
  for (const term of parseFilter(filter)) query = withTerm(query, term);
  if (cursor) query = after(query, column, direction, cursor);
  query = query.orderBy(column, direction);
  if (column !== "id") query = query.orderBy("id", direction);
  const rows = await query.limit(size + 1).execute();

  const page = pageOf(
    rows,
    size,
    scope,
    (row) => cursorAt(row, column),
    (row) => row,
  );
  return { items: await toRepositories(sql, page.items), nextPageToken: page.nextPageToken };
}

function readOrder(orderBy: string): { column: Column; direction: "asc" | "desc" } {
  const match = /^\s*(\w+)(?:\s+(asc|desc))?\s*$/.exec(orderBy || "id");
  const column = COLUMNS.get(match?.[1] ?? "");
  if (!column) {
    throw new Fault(
      "ARGUMENT_INVALID",
      `order_by must be one of ${[...COLUMNS.keys()].join(", ")}, with " desc" or not`,
      {
        field: "order_by",
      },
    );
  }
  return { column, direction: match?.[2] === "desc" ? "desc" : "asc" };
}

function cursorAt(row: RepositoryRow, column: Column): Cursor {
  return column === "id" ? [row.id] : [row[column].getTime(), row.id];
}

function after(query: RepositoryQuery, column: Column, direction: "asc" | "desc", cursor: Cursor): RepositoryQuery {
  const beyond = direction === "asc" ? ">" : "<";
  const id = String(cursor.at(-1));
  if (column === "id") return query.where("id", beyond, id);
  const time = new Date(Number(cursor[0]));
  return query.where((eb) => eb.or([eb(column, beyond, time), eb.and([eb(column, "=", time), eb("id", beyond, id)])]));
}

function withTerm(query: RepositoryQuery, { field, test }: FilterTerm): RepositoryQuery {
  // No value is like that, but MariaDB would find the one without the blank.
  if (test.kind === "equals" && /\s$/.test(test.value)) return query.where("id", "is", null);
  if (field.startsWith("labels.")) {
    return withLabel(query, field.slice("labels.".length), test.kind === "present" ? undefined : equal(field, test));
  }
  const value = equal(field, test);
  switch (field) {
    case "format":
      return query.where("format", "=", value);
    case "owner":
      return query.where("owner", "=", value);
    case "visibility":
      return query.where("visibility", "=", oneOf<Visibility>(VISIBILITIES, field, value));
    case "state":
      return withState(query, oneOf<RepositoryState>(STATES, field, value));
    default:
      throw filterInvalid(`"${field}" is not a field that repositories can be filtered by`);
  }
}

function withState(query: RepositoryQuery, state: RepositoryState): RepositoryQuery {
  if (state === "DELETED") return query.where("deleteTime", "is not", null);
  return query.where("state", "=", state).where("deleteTime", "is", null);
}

function withLabel(query: RepositoryQuery, name: string, value: string | undefined): RepositoryQuery {
  return query.where((eb) => {
    const labels = eb
      .selectFrom("repository_label")
      .select("repository_label.repositoryUid")
      .whereRef("repository_label.repositoryUid", "=", "repository.uid")
      .where("repository_label.name", "=", name);
    return eb.exists(value === undefined ? labels : labels.where("repository_label.value", "=", value));
  });
}

function equal(field: string, test: FilterTerm["test"]): string {
  if (test.kind !== "equals") throw filterInvalid(`"${field}" can only be compared with "="`);
  return test.value;
}

function oneOf<Word extends string>(words: ReadonlySet<string>, field: string, value: string): Word {
  if (!words.has(value)) throw filterInvalid(`${field} must be one of ${[...words].join(", ")}`);
  return value as Word;
}
