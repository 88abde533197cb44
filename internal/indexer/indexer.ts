import { isFault } from "#internal/fault/fault.ts";
import type { Queue, Subscription } from "#internal/queue/queue.ts";
import type { Metrics } from "#internal/telemetry/metrics.ts";
import { isIndexable } from "./indexable.ts";
import { relayRings } from "./relay-rings.ts";
import { type Repeating, repeat } from "./repeating.ts";
import { MAX_ATTEMPTS } from "./retry-policy.ts";
import { type WorkDeps, workOnTask } from "./work-on-task.ts";

/** Works on index tasks: those that ring, and those that nobody rang for. */
export interface Indexer {
  start(): void;
  /** Takes nothing new, gives running tasks back, and resolves when all have ended. */
  stop(): Promise<void>;
}

export interface IndexerDeps extends Omit<WorkDeps, "leaseMs" | "firstRetryMs"> {
  readonly queue: Queue;
  readonly metrics: Metrics;
  /** Unique among all processes, and new with each start. */
  readonly workerId: string;
  /** Tasks at a time. Default 2. */
  readonly concurrency?: number;
  readonly periods?: Partial<IndexerPeriods>;
}

/** How often things are looked at, in milliseconds. */
export interface IndexerPeriods {
  /** A worker that is silent for so long has lost its task. Default 30,000. */
  readonly leaseMs: number;
  /** Pause before the second attempt; doubles each time. Default 5,000. */
  readonly firstRetryMs: number;
  /** Outbox. Default 1,000. */
  readonly relayMs: number;
  /** Tasks that are due and have not rung: replaces a doorbell that is lost. Default 15,000. */
  readonly pollMs: number;
  /** Leases that are over. Default 10,000. */
  readonly reapMs: number;
  /** Sync intervals that are over. Default 5,000. */
  readonly scheduleMs: number;
  /** What may be forgotten. Default one hour. */
  readonly sweepMs: number;
}

const PERIODS: IndexerPeriods = {
  leaseMs: 30_000,
  firstRetryMs: 5_000,
  relayMs: 1_000,
  pollMs: 15_000,
  reapMs: 10_000,
  scheduleMs: 5_000,
  sweepMs: 3_600_000,
};
const CONCURRENCY = 2;
const KEEP_TASKS_MS = 30 * 24 * 3_600_000;
const KEEP_EVENTS_MS = 90 * 24 * 3_600_000;

/** The indexer of one process. Any number of processes may run one on the same database. */
export function createIndexer(deps: IndexerDeps): Indexer {
  const { tasks, catalog, repositories, queue, workerId, logger, metrics, concurrency = CONCURRENCY } = deps;
  const periods = { ...PERIODS, ...deps.periods };
  const work: WorkDeps = { ...deps, ...periods };
  const stopping = new AbortController();
  const running = new Set<Promise<void>>();
  const indexable = [...deps.formats.values()].filter(isIndexable).map(({ id }) => id);
  let subscription: Subscription | undefined;
  let relay: Repeating | undefined;
  let repeating: Repeating[] = [];
  let forget: (() => void) | undefined;

  /** False: there was nothing to take. */
  async function takeOne(taskId: string | undefined, beat: () => void): Promise<boolean> {
    if (stopping.signal.aborted) return false;
    const claimed = await tasks.claim(workerId, periods.leaseMs, taskId);
    if (!claimed) return false;
    const run = workOnTask(work, claimed, stopping.signal, beat);
    running.add(run);
    await run.finally(() => running.delete(run));
    // What follows a run, or its next attempt, has a doorbell of its own.
    relay?.nudge();
    return true;
  }

  async function poll(): Promise<void> {
    while (running.size < concurrency && (await takeOne(undefined, () => undefined)));
  }

  /** A queue that is away at the start is listened to when it is back; until then there is the poll. */
  async function ring(): Promise<void> {
    subscription ??= await queue.listen(async ({ taskId }, extend) => {
      await takeOne(taskId, extend);
    }, concurrency);
    await relayRings(tasks, queue);
  }

  async function reap(): Promise<void> {
    if ((await tasks.reap(MAX_ATTEMPTS)) > 0) relay?.nudge();
  }

  async function schedule(): Promise<void> {
    if ((await tasks.requestDue(indexable)) > 0) relay?.nudge();
  }

  async function sweep(): Promise<void> {
    await catalog.sweep();
    while ((await tasks.prune(KEEP_TASKS_MS)) > 0);
    while ((await repositories.pruneEvents(KEEP_EVENTS_MS)) > 0);
  }

  const reportAs = (what: string) => (error: unknown) => {
    const level = isFault(error) ? "warn" : "error";
    logger[level](`${what} failed, it is tried again`, { error });
  };

  return {
    start() {
      metrics.observeIndexTasks(() => tasks.countByState());
      // What is asked for in this process rings now, not with the next look at the outbox.
      forget = tasks.onRequest(() => relay?.nudge());
      relay = repeat(periods.relayMs, ring, reportAs("ringing for index tasks"));
      repeating = [
        relay,
        repeat(periods.pollMs, poll, reportAs("looking for index tasks")),
        repeat(periods.reapMs, reap, reportAs("looking for dead index workers")),
        repeat(periods.scheduleMs, schedule, reportAs("scheduling index tasks")),
        repeat(periods.sweepMs, sweep, reportAs("sweeping the catalogue")),
      ];
    },
    async stop() {
      forget?.();
      stopping.abort(new Error("the indexer is stopped"));
      await Promise.all(repeating.map((each) => each.stop()));
      await subscription?.stop();
      await Promise.allSettled(running);
    },
  };
}
