import { afterAll, beforeAll, expect, test } from "vitest";
import { IndexTaskState } from "#gen/larder/v1/resources_pb.ts";
import type { IndexOutcome } from "#internal/database/index-task-finish.ts";
import { startTestProcess, type TestProcess } from "./start-test-process.ts";

const LEASE_MS = 60_000;
const DIGEST = "sha256:11";

let larder: TestProcess;
let indexer: TestProcess["clients"]["repoIndexer"];
beforeAll(async () => {
  larder = await startTestProcess();
  indexer = larder.clients.repoIndexer;
});
afterAll(() => larder.close());

let count = 0;

/** A task of a new repository, as a call asks for it. */
async function asked() {
  const repositoryId = `charts-${count++}`;
  const repository = { format: "helm", upstreamUrl: "http://charts.example/" };
  const { name } = await larder.clients.repoManager.createRepository({ repositoryId, repository });
  return indexer.indexRepository({ name, packages: ["nginx"], force: true });
}

/** Does what a worker does. */
async function ended(state: IndexOutcome["state"]) {
  const task = await asked();
  const claimed = await larder.database.tasks.claim("worker", LEASE_MS, task.name.slice("indexTasks/".length));
  if (!claimed) throw new Error("there is no task");
  const outcome = { cause: "", causeReason: "", unchanged: false, indexDigest: DIGEST, complete: undefined };
  await larder.database.tasks.finish(claimed.lease, { ...outcome, state });
  return task;
}

const refused = (reason: string) => expect.objectContaining({ name: "Fault", reason });

test("a task is cancelled, and asked for again with what it was to do", async () => {
  const { name, repository } = await asked();
  const cancelled = await indexer.cancelIndexTask({ name });
  expect(cancelled).toMatchObject({ name, state: IndexTaskState.CANCELLED, cause: "it was cancelled by users/admin" });
  expect(await indexer.getIndexTask({ name })).toEqual(cancelled);
  await expect(indexer.cancelIndexTask({ name })).rejects.toEqual(refused("INDEX_TASK_ENDED"));
  const again = await indexer.retryIndexTask({ name });
  const wanted = { repository, packages: ["nginx"], force: true, actor: "users/admin", confirmedDigest: "" };
  expect(again).toMatchObject({ ...wanted, state: IndexTaskState.PENDING });
  expect(await indexer.retryIndexTask({ name })).toMatchObject({ name: again.name, rerun: true });
});

test("a watch of a task ends when it is cancelled", async () => {
  const { name } = await asked();
  const states: IndexTaskState[] = [];
  for await (const { state } of indexer.watchIndexTask({ name })) {
    states.push(state);
    if (state === IndexTaskState.PENDING) await indexer.cancelIndexTask({ name });
  }
  expect(states).toEqual([IndexTaskState.PENDING, IndexTaskState.CANCELLED]);
});

test("removals that were held are confirmed", async () => {
  const { name } = await ended("HELD");
  const confirmed = await indexer.confirmRemovals({ name });
  expect(confirmed).toMatchObject({ state: IndexTaskState.PENDING, confirmedDigest: DIGEST, packages: ["nginx"] });
  expect(await indexer.confirmRemovals({ name })).toEqual(confirmed);
});

test.each<{ name: string; ask: () => Promise<unknown>; want: string }>([
  {
    name: "to repeat what succeeded",
    ask: async () => indexer.retryIndexTask({ name: (await ended("SUCCEEDED")).name }),
    want: "INDEX_TASK_NOT_RETRYABLE",
  },
  {
    name: "to confirm what is not held",
    ask: async () => indexer.confirmRemovals({ name: (await ended("FAILED")).name }),
    want: "INDEX_TASK_NOT_HELD",
  },
  {
    name: "to confirm while another task is active",
    ask: async () => {
      const { name, repository } = await ended("HELD");
      await indexer.indexRepository({ name: repository });
      return indexer.confirmRemovals({ name });
    },
    want: "INDEX_TASK_ACTIVE",
  },
  {
    name: "to repeat for a deleted repository",
    ask: async () => {
      const { name, repository } = await ended("FAILED");
      await larder.clients.repoManager.deleteRepository({ name: repository });
      return indexer.retryIndexTask({ name });
    },
    want: "REPOSITORY_NOT_FOUND",
  },
  {
    name: "an absent task",
    ask: () => indexer.cancelIndexTask({ name: "indexTasks/0" }),
    want: "INDEX_TASK_NOT_FOUND",
  },
  { name: "an absent task", ask: () => indexer.retryIndexTask({ name: "indexTasks/0" }), want: "INDEX_TASK_NOT_FOUND" },
  {
    name: "an absent task",
    ask: () => indexer.confirmRemovals({ name: "indexTasks/0" }),
    want: "INDEX_TASK_NOT_FOUND",
  },
  { name: "another form", ask: () => indexer.cancelIndexTask({ name: "tasks/0" }), want: "ARGUMENT_INVALID" },
])("refused: $name: $want", async ({ ask, want }) => {
  await expect(ask()).rejects.toEqual(refused(want));
});
