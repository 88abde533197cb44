import { describe, expect, test } from "vitest";
import { type IndexTask, type IndexTaskState, type Lease, LeaseLost } from "#internal/repository/index-task.ts";
import { openDatabase } from "../database.ts";
import type { IndexOutcome } from "../index-task-finish.ts";
import { closeAfterEach, type DatabaseSource, fault, SECRET_KEY, someRepository, useDatabase } from "./stores.ts";

const LEASE_MS = 60_000;
const ANN = "users/ann";
const BOB = "users/bob";
const REQUEST = { packages: ["nginx"], force: true, actor: ANN };
const NGINX = { name: "nginx", description: "", deprecated: false, versions: [] };

/** What an IndexTaskStore promises of cancelling, asking again and confirming, on any dialect. */
export function indexTaskRequestContract(name: string, source: DatabaseSource): void {
  describe(`requests of index tasks on ${name}`, () => {
    const used = useDatabase(source);
    const closing = closeAfterEach();
    const tasks = () => used.database.tasks;
    const secondProcess = async () =>
      source.owners === "one" ? used.database : closing(await openDatabase({ url: used.url, secretKey: SECRET_KEY }));
    const tasksOf = async ({ repositoryId }: IndexTask) =>
      (await tasks().list({ filter: `repository = repositories/${repositoryId}` })).items;
    const ringsOf = async ({ id }: IndexTask) =>
      (await tasks().pendingRings(1_000)).filter(({ taskId }) => taskId === id);

    async function requested(): Promise<IndexTask> {
      const { id } = await used.database.repositories.create(someRepository(), ANN);
      return tasks().request(id, REQUEST);
    }

    async function claim({ id }: IndexTask): Promise<Lease> {
      const claimed = await tasks().claim("worker-1", LEASE_MS, id);
      if (!claimed) throw new Error("the task cannot be claimed");
      return claimed.lease;
    }

    async function run(task: IndexTask, state: IndexOutcome["state"]): Promise<IndexTask> {
      const outcome = { cause: "", causeReason: "", unchanged: false, indexDigest: "sha256:aa", complete: undefined };
      return tasks().finish(await claim(task), { ...outcome, state });
    }
    const ended = async (state: IndexOutcome["state"]) => run(await requested(), state);

    test("a task that waits is cancelled at once, with its doorbell and what was to follow", async () => {
      const task = await requested();
      await tasks().request(task.repositoryId, REQUEST);
      const cancelled = await tasks().cancel(task.id, BOB);
      expect(cancelled).toMatchObject({
        id: task.id,
        state: "CANCELLED",
        rerun: false,
        cause: expect.stringContaining(BOB),
        endTime: expect.any(Date),
      });
      expect(await ringsOf(task)).toEqual([]);
      expect(await tasks().claim("w", LEASE_MS, task.id)).toBeUndefined();
      expect(await tasksOf(task)).toEqual([cancelled]);
      const { items } = await used.database.repositories.listEvents(task.repositoryUid, { pageSize: 1 });
      expect(items).toMatchObject([{ type: "INDEX_CANCELLED", actor: BOB, facts: { task: task.id } }]);
    });

    test("the worker of a cancelled task can do nothing more", async () => {
      const task = await requested();
      const lease = await claim(task);
      const { catalog } = used.database;
      await catalog.apply(lease, LEASE_MS, task.repositoryUid, [NGINX]);
      await tasks().request(task.repositoryId, REQUEST);
      await tasks().cancel(task.id, BOB);
      for (const write of [
        () => tasks().heartbeat(lease, LEASE_MS),
        () => catalog.apply(lease, LEASE_MS, task.repositoryUid, [{ ...NGINX, name: "redis" }]),
        () => catalog.remove(lease, LEASE_MS, task.repositoryUid, ["nginx"]),
        () => tasks().retry(lease, { cause: "", causeReason: "", delayMs: 0 }),
        () => run(task, "SUCCEEDED"),
      ]) {
        await expect(write()).rejects.toThrow(/no longer holds|cannot be claimed/);
      }
      await expect(tasks().heartbeat(lease, LEASE_MS)).rejects.toBeInstanceOf(LeaseLost);
      await tasks().reap(1);
      expect(await tasksOf(task)).toMatchObject([{ state: "CANCELLED" }]);
      const { items } = await catalog.listPackages(task.repositoryUid, {});
      expect(items.map((each) => each.name)).toEqual(["nginx"]);
      expect((await tasks().request(task.repositoryId, REQUEST)).id).not.toBe(task.id);
    });

    test("a task is cancelled or ends, never both", async () => {
      const other = await secondProcess();
      for (let round = 0; round < 5; round++) {
        const task = await requested();
        const lease = await claim(task);
        const outcome = { cause: "", causeReason: "", unchanged: false, indexDigest: "", complete: undefined };
        const [cancelled, finished] = await Promise.allSettled([
          other.tasks.cancel(task.id, BOB),
          tasks().finish(lease, { ...outcome, state: "SUCCEEDED" }),
        ]);
        expect([cancelled.status, finished.status].toSorted()).toEqual(["fulfilled", "rejected"]);
        const { state } = await tasks().get(task.id);
        expect(state).toBe(cancelled.status === "fulfilled" ? "CANCELLED" : "SUCCEEDED");
      }
    });

    test.each<IndexOutcome["state"]>(["SUCCEEDED", "PARTIAL", "HELD", "FAILED", "SUPERSEDED"])(
      "a task that has ended %s cannot be cancelled",
      async (state) => {
        const task = await ended(state);
        const refusal = { ...fault("INDEX_TASK_ENDED"), facts: { task: task.id, state } };
        await expect(tasks().cancel(task.id, BOB)).rejects.toMatchObject(refusal);
        expect(await tasks().get(task.id)).toEqual(task);
      },
    );

    test.each<IndexTaskState>(["FAILED", "HELD", "PARTIAL", "CANCELLED"])(
      "a task that ended %s is asked for again",
      async (state) => {
        const task =
          state === "CANCELLED"
            ? await tasks().cancel((await requested()).id, ANN)
            : await ended(state as IndexOutcome["state"]);
        const again = await tasks().requestAgain(task.id, BOB);
        expect(again).toMatchObject({
          state: "PENDING",
          packages: ["nginx"],
          force: true,
          actor: BOB,
          confirmedDigest: "",
        });
        expect(again.id).not.toBe(task.id);
        expect(await ringsOf(again)).toHaveLength(1);
        expect(await tasks().get(task.id)).toEqual(task);
        expect(await tasks().requestAgain(task.id, BOB)).toMatchObject({ id: again.id, rerun: true });
        expect(await tasksOf(task)).toHaveLength(2);
      },
    );

    test("a task that is active is returned, marked to run again", async () => {
      const task = await requested();
      expect(await tasks().requestAgain(task.id, BOB)).toMatchObject({ id: task.id, state: "PENDING", rerun: true });
    });

    test.each<IndexOutcome["state"]>(["SUCCEEDED", "SUPERSEDED"])(
      "a task that is %s is not repeated",
      async (state) => {
        const task = await ended(state);
        await expect(tasks().requestAgain(task.id, BOB)).rejects.toMatchObject(fault("INDEX_TASK_NOT_RETRYABLE"));
      },
    );

    test("several who ask again at once get one task", async () => {
      const other = await secondProcess();
      const { id } = await ended("FAILED");
      const asked = Array.from({ length: 8 }, (_, n) => (n % 2 ? tasks() : other.tasks).requestAgain(id, BOB));
      expect(new Set((await Promise.all(asked)).map((task) => task.id)).size).toBe(1);
    });

    test("the removals of a held task are confirmed, once", async () => {
      const held = await ended("HELD");
      const confirmed = await tasks().confirmRemovals(held.id, BOB);
      expect(confirmed).toMatchObject({
        state: "PENDING",
        packages: ["nginx"],
        force: true,
        actor: BOB,
        confirmedDigest: "sha256:aa",
      });
      expect(await ringsOf(confirmed)).toHaveLength(1);
      expect(await tasks().confirmRemovals(held.id, BOB)).toEqual(confirmed);
      await tasks().request(held.repositoryId, REQUEST);
      await run(confirmed, "SUCCEEDED");
      const [followUp] = await tasksOf(held);
      expect(followUp).toMatchObject({ state: "PENDING", confirmedDigest: "" });
      await tasks().cancel(followUp?.id ?? "", ANN);
      await expect(tasks().confirmRemovals(held.id, BOB)).rejects.toMatchObject(fault("INDEX_TASK_NOT_HELD"));
    });

    test("a confirmed run that failed has removed nothing: it can be confirmed again, and is not by asking again", async () => {
      const held = await ended("HELD");
      const failed = await run(await tasks().confirmRemovals(held.id, BOB), "FAILED");
      const again = await tasks().requestAgain(failed.id, BOB);
      expect(again.confirmedDigest).toBe("");
      await expect(tasks().confirmRemovals(held.id, BOB)).rejects.toMatchObject(fault("INDEX_TASK_ACTIVE"));
      await tasks().cancel(again.id, ANN);
      expect((await tasks().confirmRemovals(held.id, BOB)).confirmedDigest).toBe("sha256:aa");
    });

    test.each<IndexOutcome["state"]>(["SUCCEEDED", "PARTIAL", "FAILED"])(
      "a task that ended %s holds nothing",
      async (state) => {
        const { id } = await ended(state);
        await expect(tasks().confirmRemovals(id, BOB)).rejects.toMatchObject(fault("INDEX_TASK_NOT_HELD"));
      },
    );

    test("a task of a repository that is gone, or another one now, is neither repeated nor confirmed", async () => {
      const held = await ended("HELD");
      const { repositories } = used.database;
      const refused = async () => {
        await expect(tasks().requestAgain(held.id, BOB)).rejects.toMatchObject(fault("REPOSITORY_NOT_FOUND"));
        await expect(tasks().confirmRemovals(held.id, BOB)).rejects.toMatchObject(fault("REPOSITORY_NOT_FOUND"));
      };
      await repositories.delete(held.repositoryId, { actor: ANN });
      await refused();
    });

    test("a task that is not there", async () => {
      for (const ask of [tasks().cancel, tasks().requestAgain, tasks().confirmRemovals]) {
        await expect(ask("absent", BOB)).rejects.toMatchObject(fault("INDEX_TASK_NOT_FOUND"));
      }
    });
  });
}
