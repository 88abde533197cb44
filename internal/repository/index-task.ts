/** Where a run of the indexer stands. PENDING and WORKING are active: a repository has one such task at most. */
export type IndexTaskState =
  | "PENDING"
  | "WORKING"
  | "SUCCEEDED"
  | "PARTIAL"
  | "FAILED"
  | "HELD"
  | "CANCELLED"
  | "SUPERSEDED";

export const INDEX_TASK_STATES: readonly IndexTaskState[] = [
  "PENDING",
  "WORKING",
  "SUCCEEDED",
  "PARTIAL",
  "FAILED",
  "HELD",
  "CANCELLED",
  "SUPERSEDED",
];

/** Versions by what the run did with them. */
export interface IndexCounts {
  readonly seen: number;
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
  readonly skipped: number;
  /** Entries that could not be read. */
  readonly failed: number;
}

export const NO_COUNTS: IndexCounts = { seen: 0, added: 0, updated: 0, removed: 0, skipped: 0, failed: 0 };

/** One run of the indexer over one repository. */
export interface IndexTask {
  /** Last segment of `indexTasks/{task}`; later tasks have greater ids. */
  readonly id: string;
  readonly repositoryId: string;
  readonly repositoryUid: string;
  readonly state: IndexTaskState;
  readonly counts: IndexCounts;
  /** Why it failed or was held; "" otherwise. */
  readonly cause: string;
  /** A fault's reason; "" when there is none. */
  readonly causeReason: string;
  /** How many times a worker has taken it; with the owner, the fencing token. */
  readonly attempt: number;
  /** It was asked for again meanwhile: another run follows. */
  readonly rerun: boolean;
  /** The index had not changed, so nothing was compared. */
  readonly unchanged: boolean;
  /** Compare even when the index has not changed. */
  readonly force: boolean;
  /** "sha256:…" of the index that was read; "" before. */
  readonly indexDigest: string;
  /** Index whose removals the removal guard lets pass; "" when none was confirmed. */
  readonly confirmedDigest: string;
  readonly actor: string;
  /** Only these; empty: all. */
  readonly packages: readonly string[];
  readonly createTime: Date;
  readonly startTime: Date | undefined;
  readonly endTime: Date | undefined;
  readonly nextAttemptTime: Date | undefined;
}

/** True when the task will not change any more. */
export function hasEnded(task: IndexTask): boolean {
  return task.state !== "PENDING" && task.state !== "WORKING";
}

/** One entry of an index that could not be read. */
export interface IndexIssue {
  readonly packageName: string;
  /** As it stands in the index; may be "". */
  readonly version: string;
  readonly message: string;
}

/** A worker's hold on a task. Every write of a run names it, so that a worker that was taken for dead changes nothing. */
export interface Lease {
  readonly taskId: string;
  readonly attempt: number;
  readonly owner: string;
}

/** The task is no longer this worker's: its lease expired, it was cancelled, or its repository was deleted. The run ends without a trace. */
export class LeaseLost extends Error {
  constructor(lease: Lease) {
    super(`${lease.owner} no longer holds index task ${lease.taskId}, attempt ${lease.attempt}`);
    this.name = "LeaseLost";
  }
}
