import { type IndexIssue, type IndexTask, IndexTaskState, IndexTaskStateSchema } from "#gen/larder/v1/resources_pb.ts";
import { ageText, countText, timeText } from "./amounts.ts";
import { lastPart } from "./names.ts";
import { type Column, fieldLines } from "./table.ts";
import type { Layout } from "./terminal.ts";
import { wordOf } from "./words.ts";

type Count = "seen" | "added" | "updated" | "removed" | "skipped" | "failed";

/** `larder task list`. */
export const TASK_COLUMNS: readonly Column<IndexTask>[] = [
  { title: "ID", cell: ({ name }) => lastPart(name) },
  { title: "REPOSITORY", cell: ({ repository }) => lastPart(repository) },
  { title: "STATE", cell: stateOf },
  ...(["seen", "added", "updated", "removed", "failed"] as const).map(countColumn),
  { title: "AGE", cell: ({ createTime }, { nowMs }) => ageText(createTime, nowMs), align: "right" },
  { title: "CAUSE", cell: ({ cause }) => cause, elastic: true },
];

/** `larder task issues`. */
export const ISSUE_COLUMNS: readonly Column<IndexIssue>[] = [
  { title: "PACKAGE", cell: (issue) => issue.package },
  { title: "VERSION", cell: ({ version }) => version },
  { title: "MESSAGE", cell: ({ message }) => message, elastic: true },
];

/** One task in full. */
export function describeTask(task: IndexTask, layout: Layout): string[] {
  const { nowMs } = layout;
  return fieldLines(
    [
      ["id", lastPart(task.name)],
      ["repository", lastPart(task.repository)],
      ["state", stateOf(task)],
      ["cause", task.cause],
      ["reason", task.causeReason],
      ["versions", task.unchanged ? "the index has not changed" : countsText(task)],
      ["packages", task.packages.join(", ")],
      ["attempt", String(task.attempt)],
      ["runs again", task.rerun ? "yes" : ""],
      ["next attempt", timeText(task.nextAttemptTime, nowMs)],
      ["asked by", task.actor],
      ["asked", timeText(task.createTime, nowMs)],
      ["started", timeText(task.startTime, nowMs)],
      ["ended", timeText(task.endTime, nowMs)],
    ],
    layout,
  );
}

/** One line while a person waits. */
export function progressText(task: IndexTask): string {
  return `${lastPart(task.repository)}: ${stateOf(task)}, ${countsText(task)}`;
}

/** How a run ended: complete, or with entries that could not be read. */
export function hasSucceeded({ state }: IndexTask): boolean {
  return state === IndexTaskState.SUCCEEDED || state === IndexTaskState.PARTIAL;
}

/** `12 seen, 3 added, …`; what is zero is left out, but for what was seen. */
function countsText({ counts }: IndexTask): string {
  const names: Count[] = ["added", "updated", "removed", "skipped", "failed"];
  const more = names.filter((name) => (counts?.[name] ?? 0n) > 0n);
  return ["seen" as const, ...more].map((name) => `${countText(counts?.[name] ?? 0n)} ${name}`).join(", ");
}

function stateOf({ state }: IndexTask): string {
  return wordOf(IndexTaskStateSchema, state);
}

function countColumn(name: Count): Column<IndexTask> {
  return { title: name.toUpperCase(), cell: ({ counts }) => countText(counts?.[name] ?? 0n), align: "right" };
}
