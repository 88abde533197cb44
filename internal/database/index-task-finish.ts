import { type EventType, SYSTEM_ACTOR } from "#internal/repository/event.ts";
import type { IndexTask, Lease } from "#internal/repository/index-task.ts";
import { insertEvent } from "./event-rows.ts";
import { type IndexRead, recordError, recordSuccess } from "./index-state.ts";
import { insertFollowUp } from "./index-task-request.ts";
import { needTask, toTask } from "./index-task-rows.ts";
import { insertRing } from "./outbox.ts";
import type { Sql } from "./session.ts";

/** How a run ended. */
export interface IndexOutcome {
  readonly state: "SUCCEEDED" | "PARTIAL" | "HELD" | "FAILED" | "SUPERSEDED";
  /** For people; "" when all went well. */
  readonly cause: string;
  /** A fault's reason; "" when there is none. */
  readonly causeReason: string;
  readonly unchanged: boolean;
  /** "" when no index was read. */
  readonly indexDigest: string;
  /** Given when the catalogue now says all that this index says. */
  readonly complete: IndexRead | undefined;
}

/** An attempt that failed and is repeated. */
export interface IndexRetry {
  readonly cause: string;
  readonly causeReason: string;
  /** From now. */
  readonly delayMs: number;
}

const EVENTS: Partial<Record<IndexOutcome["state"], EventType>> = {
  SUCCEEDED: "INDEXED",
  PARTIAL: "INDEXED",
  HELD: "INDEX_HELD",
  FAILED: "INDEX_FAILED",
};

/** Ends the task; the run that was asked for meanwhile follows in the same transaction. */
export async function finishTask(sql: Sql, now: Date, lease: Lease, outcome: IndexOutcome): Promise<IndexTask> {
  const { state, cause, causeReason, unchanged, indexDigest, complete } = outcome;
  await sql
    .updateTable("index_task")
    .set({
      state,
      cause,
      causeReason,
      unchanged: unchanged ? 1 : 0,
      ...(indexDigest !== "" && { indexDigest }),
      activeKey: null,
      leaseOwner: null,
      leaseUntil: null,
      nextAttemptTime: null,
      endTime: now,
    })
    .where("id", "=", lease.taskId)
    .execute();
  const row = await needTask(sql, lease.taskId);
  const went = state === "SUCCEEDED" || state === "PARTIAL";
  if (went) await recordSuccess(sql, row.repositoryUid, now, complete);
  else await recordError(sql, row.repositoryUid, now, cause);
  if (!unchanged) await tell(sql, now, toTask(row));
  if (state !== "SUPERSEDED") await insertFollowUp(sql, now, row);
  return toTask(row);
}

/** Lets the task wait for its next attempt. */
export async function retryTask(sql: Sql, now: Date, lease: Lease, retry: IndexRetry): Promise<IndexTask> {
  const nextAttemptTime = new Date(now.getTime() + retry.delayMs);
  const { cause, causeReason } = retry;
  await sql
    .updateTable("index_task")
    .set({ state: "PENDING", cause, causeReason, leaseOwner: null, leaseUntil: null, nextAttemptTime })
    .where("id", "=", lease.taskId)
    .execute();
  const row = await needTask(sql, lease.taskId);
  await recordError(sql, row.repositoryUid, now, cause);
  await insertRing(sql, lease.taskId, lease.attempt, nextAttemptTime);
  return toTask(row);
}

async function tell(sql: Sql, now: Date, task: IndexTask): Promise<void> {
  const { id, repositoryId, repositoryUid, state, counts, cause } = task;
  const type = EVENTS[state as IndexOutcome["state"]];
  if (!type) return;
  const { seen, added, updated, removed, failed } = counts;
  const message = cause || `The index was read: ${seen} versions, ${added} new, ${updated} changed, ${removed} gone.`;
  const numbers = Object.entries({ seen, added, updated, removed, failed }).map(([name, n]) => [name, String(n)]);
  const facts = { task: id, ...Object.fromEntries(numbers) };
  await insertEvent(sql, now, { repositoryId, repositoryUid, type, message, facts, actor: SYSTEM_ACTOR });
}
