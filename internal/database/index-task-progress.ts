import type { IndexIssue, Lease } from "#internal/repository/index-task.ts";
import { forgetIndex } from "./index-state.ts";
import { needTask } from "./index-task-rows.ts";
import { insertRows } from "./insert-rows.ts";
import type { Sql } from "./session.ts";
import type { ChunkCounts } from "./version-apply.ts";

/** An index that was read and is about to be compared. */
export interface ReadIndex {
  readonly digest: string;
  /** Digest of the last complete run; "" when there was none. */
  readonly digestBefore: string;
  /** Versions in it. */
  readonly seen: number;
  /** How many entries could not be read; `issues` may be fewer. */
  readonly failed: number;
  readonly issues: readonly IndexIssue[];
}

const NOTHING_DONE = { added: 0, updated: 0, removed: 0, skipped: 0, progress: 0 };

/** Notes what was read. Returns how many of its packages an earlier attempt has applied: the same index is not begun anew. */
export async function beginTask(sql: Sql, lease: Lease, index: ReadIndex): Promise<number> {
  const task = await needTask(sql, lease.taskId);
  const resumes = task.progressDigest === index.digest;
  const { digest, digestBefore, seen, failed } = index;
  await sql
    .updateTable("index_task")
    .set({
      ...(!resumes && { ...NOTHING_DONE, digestBefore }),
      ...{ progressDigest: digest, indexDigest: digest, seen, failed },
    })
    .where("id", "=", lease.taskId)
    .execute();
  await forgetIndex(sql, task.repositoryUid);
  await sql.deleteFrom("index_issue").where("taskId", "=", lease.taskId).execute();
  await insertRows(index.issues, (chunk) =>
    sql
      .insertInto("index_issue")
      .values(chunk.map((issue) => ({ ...issue, taskId: lease.taskId })))
      .execute(),
  );
  return resumes ? task.progress : 0;
}

/** Adds what a chunk has done, in the chunk's transaction. */
export async function addProgress(sql: Sql, lease: Lease, counts: ChunkCounts, packages: number): Promise<void> {
  await sql
    .updateTable("index_task")
    .set((eb) => ({
      added: eb("added", "+", counts.added),
      updated: eb("updated", "+", counts.updated),
      removed: eb("removed", "+", counts.removed),
      skipped: eb("skipped", "+", counts.skipped),
      progress: eb("progress", "+", packages),
    }))
    .where("id", "=", lease.taskId)
    .execute();
}
