import { setTimeout as sleep } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";
import { hasEnded, type IndexTask } from "#internal/repository/index-task.ts";
import { serverClosing } from "./call.ts";

/** The worker may be any process, so the row is asked. */
const POLL_MS = 300;

/**
 * The task now and after each change, until it has ended.
 * @throws Fault INDEX_TASK_NOT_FOUND; ConnectError UNAVAILABLE when the signal ends it before: watch again.
 */
export async function* watchTask(
  tasks: { get(id: string): Promise<IndexTask> },
  id: string,
  signal: AbortSignal,
): AsyncIterable<IndexTask> {
  let last: IndexTask | undefined;
  while (!signal.aborted) {
    const task = await tasks.get(id);
    if (!isDeepStrictEqual(task, last)) yield task;
    if (hasEnded(task)) return;
    last = task;
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  throw serverClosing();
}
