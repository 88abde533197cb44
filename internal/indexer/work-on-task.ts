import type { IndexOutcome } from "#internal/database/index-task-finish.ts";
import type { ClaimedTask } from "#internal/database/index-task-lease.ts";
import { isFault } from "#internal/fault/fault.ts";
import { type IndexTask, LeaseLost } from "#internal/repository/index-task.ts";
import type { Logger } from "#internal/telemetry/logger.ts";
import { type RunDeps, runTask } from "./index-run.ts";
import { retryDelayMs } from "./retry-policy.ts";

/** What a worker needs besides what a run needs. */
export interface WorkDeps extends RunDeps {
  readonly logger: Logger;
  /** Pause before the second attempt; doubles each time. */
  readonly firstRetryMs: number;
}

/** Heartbeats in a lease: two may be lost. */
const HEARTBEATS_PER_LEASE = 3;

/**
 * Runs a claimed task and writes its end: an outcome, or a fault with or without another attempt. Never rejects for what the run did; a worker
 * that has lost its lease leaves no trace. `beat` is called with each heartbeat.
 */
export async function workOnTask(
  deps: WorkDeps,
  claimed: ClaimedTask,
  stop: AbortSignal,
  beat: () => void,
): Promise<void> {
  const { tasks, leaseMs, logger } = deps;
  const { lease } = claimed;
  const lost = new AbortController();
  const heart = setInterval(() => {
    beat();
    tasks.heartbeat(lease, leaseMs).catch((error) => {
      // A database that is away for a moment is no reason to stop: the next write proves the lease.
      if (error instanceof LeaseLost) lost.abort(error);
    });
  }, leaseMs / HEARTBEATS_PER_LEASE);
  try {
    const ended = await endOf(deps, claimed, AbortSignal.any([lost.signal, stop]));
    report(deps, ended);
  } catch (error) {
    if (!(error instanceof LeaseLost)) throw error;
    logger.info("an index task is no longer this worker's", { task: lease.taskId, attempt: lease.attempt });
  } finally {
    clearInterval(heart);
  }
}

async function endOf(deps: WorkDeps, claimed: ClaimedTask, signal: AbortSignal): Promise<IndexTask> {
  const { tasks, logger, firstRetryMs } = deps;
  const { lease } = claimed;
  try {
    return await tasks.finish(lease, await runTask(deps, claimed, signal));
  } catch (error) {
    if (error instanceof LeaseLost) throw error;
    // A worker that is told to stop gives the task back: another one goes on at once.
    if (signal.aborted) return tasks.retry(lease, { cause: "its worker was stopped", causeReason: "", delayMs: 0 });
    if (!isFault(error)) logger.error("an index task failed unexpectedly", { task: lease.taskId, error });
    const delayMs = retryDelayMs(error, lease.attempt, firstRetryMs);
    return delayMs === undefined
      ? tasks.finish(lease, failureOf(error))
      : tasks.retry(lease, { ...causeOf(error), delayMs });
  }
}

function failureOf(error: unknown): IndexOutcome {
  return { ...causeOf(error), state: "FAILED", unchanged: false, indexDigest: "", complete: undefined };
}

function causeOf(error: unknown): { cause: string; causeReason: string } {
  if (isFault(error)) return { cause: error.message, causeReason: error.reason };
  return { cause: "the indexer failed unexpectedly; its log says more", causeReason: "" };
}

function report(
  { logger }: WorkDeps,
  { id, repositoryId, state, cause, causeReason, attempt, counts }: IndexTask,
): void {
  const fields = { task: id, repository: repositoryId, attempt, state, cause, reason: causeReason, ...counts };
  if (state === "SUCCEEDED" || state === "SUPERSEDED") logger.info("an index task ended", fields);
  else logger.warn(state === "PENDING" ? "an index task is tried again later" : "an index task ended", fields);
}
