import type { IndexIssue, IndexTask, Lease } from "#internal/repository/index-task.ts";
import { decideRace } from "./decide-race.ts";
import { requestDue, selectDue } from "./index-schedule.ts";
import { type IndexState, selectIndexState } from "./index-state.ts";
import { confirmRemovals, requestAgain } from "./index-task-again.ts";
import { cancelTask } from "./index-task-cancel.ts";
import { finishTask, type IndexOutcome, type IndexRetry, retryTask } from "./index-task-finish.ts";
import { type ClaimedTask, claimTask, reapExpired } from "./index-task-lease.ts";
import { countTasksByState, listIssues, listTasks } from "./index-task-list.ts";
import { beginTask, type ReadIndex } from "./index-task-progress.ts";
import { pruneTasks } from "./index-task-prune.ts";
import { type IndexRequest, insertTask, markRerun, selectActiveTask } from "./index-task-request.ts";
import { needTask, toTask } from "./index-task-rows.ts";
import { holdLease } from "./lease-fence.ts";
import { type PendingRing, selectRings } from "./outbox.ts";
import type { Page, PageRequest } from "./page.ts";
import { selectRepository } from "./repository-rows.ts";
import type { Session, Sql } from "./session.ts";

/** The runs of the indexer. The row is the truth; whoever holds a lease proves it with every write. */
export interface IndexTaskStore {
  /** The active task, marked to run again; else a new one. @throws Fault REPOSITORY_NOT_FOUND. */
  request(repositoryId: string, request: IndexRequest): Promise<IndexTask>;
  /** Ends an active task, and what was to follow it. @throws Fault INDEX_TASK_NOT_FOUND; INDEX_TASK_ENDED. */
  cancel(id: string, actor: string): Promise<IndexTask>;
  /**
   * As `request`, for what a task that did not do all it should was to do.
   * @throws Fault INDEX_TASK_NOT_FOUND; INDEX_TASK_NOT_RETRYABLE; REPOSITORY_NOT_FOUND.
   */
  requestAgain(id: string, actor: string): Promise<IndexTask>;
  /**
   * A new task for what a HELD one was to do, with its `confirmedDigest`; the active one when that is it.
   * @throws Fault INDEX_TASK_NOT_FOUND; INDEX_TASK_NOT_HELD; INDEX_TASK_ACTIVE; REPOSITORY_NOT_FOUND.
   */
  confirmRemovals(id: string, actor: string): Promise<IndexTask>;
  /** Told after each request that this process has taken; returns how to stop. */
  onRequest(listener: () => void): () => void;
  /** Asks for the runs whose sync interval is over, of repositories of these formats. Returns how many it asked for. */
  requestDue(formats: readonly string[]): Promise<number>;
  /** @throws Fault INDEX_TASK_NOT_FOUND. */
  get(id: string): Promise<IndexTask>;
  /** Newest first; filters repository, state. @throws Fault ARGUMENT_INVALID. */
  list(request: PageRequest & { readonly filter?: string }): Promise<Page<IndexTask>>;
  /** @throws Fault INDEX_TASK_NOT_FOUND; ARGUMENT_INVALID. */
  listIssues(id: string, request: PageRequest): Promise<Page<IndexIssue>>;
  /** How many tasks are in each state that has any. */
  countByState(): Promise<Readonly<Record<string, number>>>;
  /** What is known of the repository's index. */
  indexState(repositoryUid: string): Promise<IndexState>;

  /** Takes a task that is due (this one, when given). Undefined: nothing to do. */
  claim(owner: string, leaseMs: number, taskId?: string): Promise<ClaimedTask | undefined>;
  /** @throws LeaseLost. */
  heartbeat(lease: Lease, leaseMs: number): Promise<void>;
  /** Notes the index that was read; returns how many of its packages are applied already. @throws LeaseLost. */
  begin(lease: Lease, leaseMs: number, index: ReadIndex): Promise<number>;
  /** Ends the task. @throws LeaseLost. */
  finish(lease: Lease, outcome: IndexOutcome): Promise<IndexTask>;
  /** Lets it wait for another attempt. @throws LeaseLost. */
  retry(lease: Lease, retry: IndexRetry): Promise<IndexTask>;
  /** Takes tasks from workers whose lease is over: to be tried again, or FAILED after `maxAttempts`. Returns how many. */
  reap(maxAttempts: number): Promise<number>;
  /** Forgets tasks that ended longer ago than this. Returns how many. */
  prune(keepMs: number): Promise<number>;

  /** Doorbells that are due. */
  pendingRings(limit: number): Promise<PendingRing[]>;
  /** The queue has them. */
  rung(ids: readonly number[]): Promise<void>;
}

/** The store over a session of either dialect. */
export function createIndexTaskStore(session: Session): IndexTaskStore {
  const fenced = <Result>(lease: Lease, leaseMs: number, work: (sql: Sql, now: Date) => Promise<Result>) =>
    session.write(async (sql, now) => {
      await holdLease(sql, now, lease, leaseMs);
      return work(sql, now);
    });
  const listeners = new Set<() => void>();
  const asking = async (work: (sql: Sql, now: Date) => Promise<IndexTask>): Promise<IndexTask> => {
    const task = await decideRace(() => session.write(work));
    for (const listener of listeners) listener();
    return task;
  };
  return {
    request: (repositoryId, request) => asking((sql, now) => ask(sql, now, repositoryId, request)),
    cancel: (id, actor) => session.write((sql, now) => cancelTask(sql, now, id, actor)),
    requestAgain: (id, actor) => asking((sql, now) => requestAgain(sql, now, id, actor)),
    confirmRemovals: (id, actor) => asking((sql, now) => confirmRemovals(sql, now, id, actor)),
    onRequest(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async requestDue(formats) {
      if (formats.length === 0) return 0;
      const due = await session.write((sql, now) => selectDue(sql, now, formats));
      let asked = 0;
      for (const repository of due) {
        if (await decideRace(() => session.write((sql, now) => requestDue(sql, now, repository)))) asked++;
      }
      return asked;
    },
    get: (id) => session.read(async (sql) => toTask(await needTask(sql, id))),
    list: (request) => session.read((sql) => listTasks(sql, request)),
    listIssues: (id, request) => session.read((sql) => listIssues(sql, id, request)),
    countByState: () => session.read(countTasksByState),
    indexState: (uid) => session.read((sql) => selectIndexState(sql, uid)),
    claim: (owner, leaseMs, taskId) => session.write((sql, now) => claimTask(sql, now, owner, leaseMs, taskId)),
    heartbeat: (lease, leaseMs) => fenced(lease, leaseMs, async () => undefined),
    begin: (lease, leaseMs, index) => fenced(lease, leaseMs, (sql) => beginTask(sql, lease, index)),
    finish: (lease, outcome) => fenced(lease, 0, (sql, now) => finishTask(sql, now, lease, outcome)),
    retry: (lease, retry) => fenced(lease, 0, (sql, now) => retryTask(sql, now, lease, retry)),
    reap: (maxAttempts) => session.write((sql, now) => reapExpired(sql, now, maxAttempts)),
    prune: (keepMs) => session.write((sql, now) => pruneTasks(sql, new Date(now.getTime() - keepMs))),
    pendingRings: (limit) => session.write((sql, now) => selectRings(sql, now, limit)),
    async rung(ids) {
      if (ids.length === 0) return;
      await session.write((sql) => sql.deleteFrom("outbox").where("id", "in", ids).execute());
    },
  };
}

async function ask(sql: Sql, now: Date, repositoryId: string, request: IndexRequest): Promise<IndexTask> {
  const repository = await selectRepository(sql, repositoryId);
  const active = await selectActiveTask(sql, repository.uid);
  if (active) await markRerun(sql, active, request);
  const id = active?.id ?? (await insertTask(sql, now, repository, request));
  return toTask(await needTask(sql, id));
}
