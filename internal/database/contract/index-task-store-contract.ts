import { describe, expect, test } from "vitest";
import { type IndexTask, LeaseLost } from "#internal/repository/index-task.ts";
import { openDatabase } from "../database.ts";
import type { ClaimedTask } from "../index-task-lease.ts";
import { closeAfterEach, type DatabaseSource, fault, SECRET_KEY, someRepository, useDatabase } from "./stores.ts";

const LEASE_MS = 60_000;
const ANN = "users/ann";
const REQUEST = { packages: [], force: false, actor: ANN };
const WELL = { cause: "", causeReason: "", unchanged: false, indexDigest: "sha256:aa", complete: undefined };
const SUCCEEDED = { ...WELL, state: "SUCCEEDED" } as const;

/** What an IndexTaskStore promises, on any dialect. */
export function indexTaskStoreContract(name: string, source: DatabaseSource): void {
  describe(`index task store on ${name}`, () => {
    const used = useDatabase(source);
    const closing = closeAfterEach();
    const tasks = () => used.database.tasks;
    const secondProcess = async () =>
      source.owners === "one" ? used.database : closing(await openDatabase({ url: used.url, secretKey: SECRET_KEY }));
    const newRepository = (fields = {}) => used.database.repositories.create(someRepository(fields), ANN);
    const ringsOf = async ({ id }: IndexTask) =>
      (await tasks().pendingRings(1_000)).filter(({ taskId }) => taskId === id);

    async function claimed(leaseMs = LEASE_MS): Promise<ClaimedTask> {
      const { id } = await newRepository();
      const task = await tasks().request(id, REQUEST);
      return claimAgain(task.id, leaseMs);
    }

    async function claimAgain(taskId: string, leaseMs = LEASE_MS): Promise<ClaimedTask> {
      const claim = await tasks().claim("worker-1", leaseMs, taskId);
      if (!claim) throw new Error("the task cannot be claimed");
      return claim;
    }

    test("a request makes a task and its doorbell", async () => {
      const { id, uid } = await newRepository();
      const task = await tasks().request(id, { packages: ["nginx"], force: true, actor: ANN });
      expect(task).toMatchObject({
        repositoryId: id,
        repositoryUid: uid,
        state: "PENDING",
        attempt: 0,
        packages: ["nginx"],
        force: true,
        rerun: false,
        actor: ANN,
      });
      expect(await ringsOf(task)).toEqual([{ id: expect.any(Number), taskId: task.id, attempt: 0 }]);
      await tasks().rung((await ringsOf(task)).map((ring) => ring.id));
      expect(await ringsOf(task)).toEqual([]);
    });

    test("a repository that is not there has no tasks", async () => {
      await expect(tasks().request("absent", REQUEST)).rejects.toMatchObject(fault("REPOSITORY_NOT_FOUND"));
      await expect(tasks().get("absent")).rejects.toMatchObject(fault("INDEX_TASK_NOT_FOUND"));
      await expect(tasks().listIssues("absent", {})).rejects.toMatchObject(fault("INDEX_TASK_NOT_FOUND"));
    });

    test("two managers that ask at once get one active task", async () => {
      const { id } = await newRepository();
      const other = await secondProcess();
      const asked = Array.from({ length: 10 }, (_, n) => (n % 2 ? tasks() : other.tasks).request(id, REQUEST));
      const got = await Promise.all(asked);
      expect(new Set(got.map((task) => task.id)).size).toBe(1);
      const { items } = await tasks().list({ filter: `repository = "repositories/${id}"` });
      expect(items).toMatchObject([{ state: "PENDING", rerun: true }]);
    });

    test("a second call returns the first task; the run that follows does what both wanted", async () => {
      const { id } = await newRepository();
      const first = await tasks().request(id, REQUEST);
      const { lease } = await claimAgain(first.id);
      const again = await tasks().request(id, { packages: ["b"], force: false, actor: "users/bob" });
      expect(again).toMatchObject({ id: first.id, rerun: true, state: "WORKING" });
      await tasks().request(id, { packages: ["c", "b"], force: true, actor: "users/bob" });
      await tasks().finish(lease, SUCCEEDED);
      const { items } = await tasks().list({ filter: `repository = "repositories/${id}"` });
      expect(items).toMatchObject([
        { state: "PENDING", packages: ["b", "c"], force: true, rerun: false, actor: "users/bob" },
        { id: first.id, state: "SUCCEEDED" },
      ]);
      expect(await ringsOf(items[0] as IndexTask)).toHaveLength(1);
    });

    test("one of many workers gets a task", async () => {
      const { id } = await newRepository();
      const task = await tasks().request(id, REQUEST);
      const other = await secondProcess();
      const workers = Array.from({ length: 10 }, (_, n) =>
        (n % 2 ? tasks() : other.tasks).claim(`w-${n}`, LEASE_MS, task.id),
      );
      const claims = (await Promise.all(workers)).filter((claim) => claim !== undefined);
      expect(claims).toHaveLength(1);
      expect(claims[0]?.task).toMatchObject({ state: "WORKING", attempt: 1, startTime: expect.any(Date) });
      expect(await ringsOf(task)).toEqual([]);
    });

    test("a task without a ring is found by whoever looks", async () => {
      const { id } = await newRepository();
      const task = await tasks().request(id, REQUEST);
      await tasks().rung((await ringsOf(task)).map((ring) => ring.id));
      const seen: (string | undefined)[] = [];
      for (let claim = await tasks().claim("w", LEASE_MS); claim; claim = await tasks().claim("w", LEASE_MS)) {
        seen.push(claim.task.id);
      }
      expect(seen).toContain(task.id);
    });

    test("a lease that is over is reaped, and the dead worker can do nothing more", async () => {
      const { task, lease } = await claimed(0);
      await expect.poll(() => tasks().reap(5), { timeout: 10_000 }).toBeGreaterThan(0);
      expect(await tasks().get(task.id)).toMatchObject({
        state: "PENDING",
        attempt: 1,
        cause: expect.stringContaining("worker-1"),
      });
      expect(await ringsOf(task)).toMatchObject([{ attempt: 1 }]);
      const next = await claimAgain(task.id);
      expect(next.lease.attempt).toBe(2);
      for (const write of [
        () => tasks().heartbeat(lease, LEASE_MS),
        () => tasks().begin(lease, LEASE_MS, { digest: "d", digestBefore: "", seen: 1, failed: 0, issues: [] }),
        () => tasks().finish(lease, SUCCEEDED),
        () => tasks().retry(lease, { cause: "x", causeReason: "", delayMs: 0 }),
      ]) {
        await expect(write()).rejects.toBeInstanceOf(LeaseLost);
      }
      expect(await tasks().finish(next.lease, SUCCEEDED)).toMatchObject({ state: "SUCCEEDED", attempt: 2 });
    });

    test("a live lease is not reaped, and a heartbeat makes it longer", async () => {
      const { task, lease } = await claimed(0);
      await tasks().heartbeat(lease, LEASE_MS);
      await tasks().reap(5);
      expect((await tasks().get(task.id)).state).toBe("WORKING");
    });

    test("a task that kills its workers fails after the last attempt", async () => {
      const { task } = await claimed(0);
      await expect.poll(() => tasks().reap(1), { timeout: 10_000 }).toBeGreaterThan(0);
      expect(await tasks().get(task.id)).toMatchObject({ state: "FAILED", endTime: expect.any(Date) });
      expect((await tasks().request(task.repositoryId, REQUEST)).id).not.toBe(task.id);
    });

    test("a retry waits for its time, and rings then", async () => {
      const { task, lease } = await claimed();
      const waiting = await tasks().retry(lease, {
        cause: "c",
        causeReason: "UPSTREAM_UNAVAILABLE",
        delayMs: 3_600_000,
      });
      expect(waiting).toMatchObject({ state: "PENDING", cause: "c", causeReason: "UPSTREAM_UNAVAILABLE" });
      expect(waiting.nextAttemptTime?.getTime()).toBeGreaterThan(task.createTime.getTime() + 3_500_000);
      expect(await tasks().claim("w", LEASE_MS, task.id)).toBeUndefined();
      expect(await ringsOf(task)).toEqual([]);
      expect(await tasks().indexState(task.repositoryUid)).toMatchObject({
        lastError: "c",
        lastSuccessTime: undefined,
      });
    });

    test("a repository that is deleted during a run takes the task with it", async () => {
      const { task, lease } = await claimed();
      await tasks().request(task.repositoryId, REQUEST);
      await used.database.repositories.delete(task.repositoryId, { actor: ANN });
      await expect(tasks().heartbeat(lease, LEASE_MS)).rejects.toBeInstanceOf(LeaseLost);
      expect(await tasks().get(task.id)).toMatchObject({ state: "SUPERSEDED", endTime: expect.any(Date) });
      const { items } = await tasks().list({ filter: `repository = repositories/${task.repositoryId}` });
      expect(items).toHaveLength(1);
    });

    test("an upstream that is changed during a run is read by a run that follows", async () => {
      const { task, lease } = await claimed();
      await used.database.repositories.update(
        task.repositoryId,
        { upstreamUrl: "http://other.example/" },
        { actor: ANN },
      );
      expect(await tasks().finish(lease, SUCCEEDED)).toMatchObject({ rerun: true });
      const { items } = await tasks().list({
        filter: `repository = repositories/${task.repositoryId} AND state = PENDING`,
      });
      expect(items).toHaveLength(1);
    });

    describe("another upstream", () => {
      const OTHER = { upstreamUrl: "http://other.example/" };
      const by = { actor: ANN, isIndexable: true };
      const tasksOf = async (id: string) => (await tasks().list({ filter: `repository = repositories/${id}` })).items;

      test("is read when the old one was, in the transaction of the change", async () => {
        const { task, lease } = await claimed();
        await tasks().finish(lease, SUCCEEDED);
        const { repositories } = used.database;
        await expect(repositories.update(task.repositoryId, OTHER, { ...by, etagVersion: 7 })).rejects.toMatchObject(
          fault("ETAG_STALE"),
        );
        await repositories.update(
          task.repositoryId,
          { description: "x", upstreamUrl: "http://registry.example/charts/" },
          by,
        );
        expect(await tasksOf(task.repositoryId)).toHaveLength(1);
        await repositories.update(task.repositoryId, OTHER, by);
        const items = await tasksOf(task.repositoryId);
        expect(items).toMatchObject([{ state: "PENDING", actor: ANN, packages: [], force: false }, { id: task.id }]);
        expect(await ringsOf(items[0] as IndexTask)).toHaveLength(1);
      });

      test("is not read when the old one never was, or has no index", async () => {
        const never = await newRepository();
        await used.database.repositories.update(never.id, OTHER, by);
        expect(await tasksOf(never.id)).toEqual([]);
        const { task, lease } = await claimed();
        await tasks().finish(lease, SUCCEEDED);
        await used.database.repositories.update(task.repositoryId, OTHER, { actor: ANN });
        expect(await tasksOf(task.repositoryId)).toHaveLength(1);
      });

      test.each([
        { name: "all", packages: [], rerun: false },
        { name: "some packages", packages: ["nginx"], rerun: true },
      ])("is read by the task over $name that waits", async ({ packages, rerun }) => {
        const { id } = await newRepository();
        await tasks().request(id, { ...REQUEST, packages });
        await used.database.repositories.update(id, OTHER, by);
        expect(await tasksOf(id)).toMatchObject([{ state: "PENDING", rerun }]);
      });
    });

    test("issues come in the order of the index, and those of an earlier attempt are replaced", async () => {
      const { task, lease } = await claimed();
      const issues = Array.from({ length: 450 }, (_, n) => ({ packageName: `p${n}`, version: "", message: "bad ü" }));
      const index = { digest: "sha256:aa", digestBefore: "", seen: 3, failed: 450, issues };
      expect(await tasks().begin(lease, LEASE_MS, { ...index, issues: issues.slice(0, 7) })).toBe(0);
      expect(await tasks().begin(lease, LEASE_MS, index)).toBe(0);
      const page = await tasks().listIssues(task.id, { pageSize: 400 });
      const rest = await tasks().listIssues(task.id, { pageSize: 400, pageToken: page.nextPageToken });
      expect([...page.items, ...rest.items]).toEqual(issues);
      expect((await tasks().get(task.id)).counts).toMatchObject({ seen: 3, failed: 450 });
    });

    test("the next attempt goes on where the last one ended when the index is the same", async () => {
      const { task, lease } = await claimed();
      const index = { digest: "sha256:aa", digestBefore: "", seen: 1, failed: 0, issues: [] };
      await tasks().begin(lease, LEASE_MS, index);
      const versions = [
        { version: "1", appVersion: "", digest: "", publishTime: undefined, deprecated: false, metadata: "{}" },
      ];
      const nginx = { name: "nginx", description: "", deprecated: false, versions };
      await used.database.catalog.apply(lease, LEASE_MS, task.repositoryUid, [nginx]);
      await tasks().retry(lease, { cause: "", causeReason: "", delayMs: 0 });
      const second = await claimAgain(task.id);
      expect(await tasks().begin(second.lease, LEASE_MS, index)).toBe(1);
      expect((await tasks().get(task.id)).counts.added).toBe(1);
      expect(await tasks().begin(second.lease, LEASE_MS, { ...index, digest: "sha256:bb" })).toBe(0);
      expect((await tasks().get(task.id)).counts.added).toBe(0);
    });

    test("success and error are known apart", async () => {
      const { task, lease } = await claimed();
      const complete = { digest: "sha256:aa", upstreamUrl: "http://u.example/", etag: '"e"', lastModified: "" };
      await tasks().finish(lease, { ...SUCCEEDED, complete });
      const { id } = await tasks().request(task.repositoryId, REQUEST);
      const second = await claimAgain(id);
      await tasks().finish(second.lease, { ...WELL, state: "FAILED", cause: "no", causeReason: "UPSTREAM_REFUSED" });
      const state = await tasks().indexState(task.repositoryUid);
      expect(state).toMatchObject({ digest: "sha256:aa", validators: { etag: '"e"' }, lastError: "no" });
      expect(state.lastSuccessTime).toBeInstanceOf(Date);
      const { items } = await used.database.repositories.listEvents(task.repositoryUid, {});
      expect(items.map(({ type }) => type)).toEqual(["INDEX_FAILED", "INDEXED", "CREATED"]);
    });

    test("with several schedulers a run that is due is asked for once", async () => {
      const { id } = await newRepository({ format: "scheduled", syncIntervalMs: 60_000 });
      await newRepository({ format: "scheduled" });
      await newRepository({ format: "not-indexable", syncIntervalMs: 60_000 });
      const other = await secondProcess();
      const asked = await Promise.all(
        [tasks(), other.tasks, tasks(), other.tasks].map((each) => each.requestDue(["scheduled"])),
      );
      expect(asked.reduce((sum, each) => sum + each, 0)).toBe(1);
      const { items } = await tasks().list({ filter: `repository = repositories/${id}` });
      expect(items).toMatchObject([{ state: "PENDING", actor: "system", rerun: false }]);
      expect(await tasks().requestDue(["scheduled"])).toBe(0);
    });

    test("tasks that ended long ago are forgotten, active ones are not", async () => {
      const { task, lease } = await claimed();
      const active = (await claimed()).task;
      await tasks().finish(lease, SUCCEEDED);
      await tasks().prune(3_600_000);
      expect((await tasks().get(task.id)).state).toBe("SUCCEEDED");
      await expect.poll(() => tasks().prune(0), { timeout: 10_000 }).toBeGreaterThan(0);
      await expect(tasks().get(task.id)).rejects.toMatchObject(fault("INDEX_TASK_NOT_FOUND"));
      expect((await tasks().get(active.id)).state).toBe("WORKING");
    });

    test("an index that is being written is not known before all of it is", async () => {
      const { task, lease } = await claimed();
      const complete = { digest: "sha256:aa", upstreamUrl: "http://u.example/", etag: '"e"', lastModified: "" };
      await tasks().finish(lease, { ...SUCCEEDED, complete });
      const { id } = await tasks().request(task.repositoryId, REQUEST);
      const second = await claimAgain(id);
      const index = { digest: "sha256:bb", digestBefore: "sha256:aa", seen: 1, failed: 0, issues: [] };
      await tasks().begin(second.lease, LEASE_MS, index);
      await tasks().cancel(id, ANN);
      expect(await tasks().indexState(task.repositoryUid)).toMatchObject({ digest: "", validators: { etag: "" } });
    });

    test.each([
      "color = red",
      "state = ASLEEP",
      "repository = charts",
      'repository = "repositories/charts "',
      'repository = "repositories/c*"',
    ])("refused: %s", async (filter) => {
      await expect(tasks().list({ filter })).rejects.toMatchObject(fault("ARGUMENT_INVALID"));
    });
  });
}
