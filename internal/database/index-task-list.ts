import { filterInvalid, parseFilter } from "#internal/repository/filter.ts";
import {
  INDEX_TASK_STATES,
  type IndexIssue,
  type IndexTask,
  type IndexTaskState,
} from "#internal/repository/index-task.ts";
import { needTask, taskQuery, toTask } from "./index-task-rows.ts";
import { cursorOf, type Page, type PageRequest, pageOf, pageSizeOf } from "./page.ts";
import type { Sql } from "./session.ts";

// No blank: MariaDB would find the name without one at its end.
const REPOSITORY_NAME = /^repositories\/([^/\s]+)$/;

/** Tasks, newest first. */
export async function listTasks(
  sql: Sql,
  request: PageRequest & { readonly filter?: string },
): Promise<Page<IndexTask>> {
  const { filter = "" } = request;
  const size = pageSizeOf(request);
  const scope = ["tasks", filter];
  const cursor = cursorOf(request, scope, [""]);
  let query = taskQuery(sql);
  for (const { field, test } of parseFilter(filter)) {
    if (test.kind !== "equals") throw filterInvalid(`"${field}" can only be compared with "="`);
    if (field === "repository") query = query.where("repositoryId", "=", readRepositoryId(test.value));
    else if (field === "state") query = query.where("state", "=", readState(test.value));
    else throw filterInvalid(`"${field}" is not one of the fields repository, state`);
  }
  if (cursor) query = query.where("id", "<", String(cursor[0]));
  const rows = await query
    .orderBy("id", "desc")
    .limit(size + 1)
    .execute();
  return pageOf(rows, size, scope, (row) => [row.id], toTask);
}

/** Issues of a task, in the order of the index. @throws Fault INDEX_TASK_NOT_FOUND. */
export async function listIssues(sql: Sql, taskId: string, request: PageRequest): Promise<Page<IndexIssue>> {
  const size = pageSizeOf(request);
  const scope = ["issues", taskId];
  const cursor = cursorOf(request, scope, [0]);
  await needTask(sql, taskId);
  let query = sql.selectFrom("index_issue").selectAll().where("taskId", "=", taskId);
  if (cursor) query = query.where("id", ">", Number(cursor[0]));
  const rows = await query
    .orderBy("id")
    .limit(size + 1)
    .execute();
  const toIssue = ({ packageName, version, message }: IndexIssue) => ({ packageName, version, message });
  return pageOf(rows, size, scope, (row) => [row.id], toIssue);
}

/** For the metrics. */
export async function countTasksByState(sql: Sql): Promise<Readonly<Record<string, number>>> {
  const rows = await sql
    .selectFrom("index_task")
    .select((eb) => ["state", eb.fn.countAll<number | string>().as("count")])
    .groupBy("state")
    .execute();
  return Object.fromEntries(rows.map(({ state, count }) => [state, Number(count)]));
}

function readRepositoryId(name: string): string {
  const id = REPOSITORY_NAME.exec(name)?.[1];
  if (id === undefined) throw filterInvalid(`"${name}" must be like repositories/{repository}`);
  return id;
}

function readState(word: string): IndexTaskState {
  const state = INDEX_TASK_STATES.find((each) => each === word);
  if (!state) throw filterInvalid(`state must be one of ${INDEX_TASK_STATES.join(", ")}`);
  return state;
}
