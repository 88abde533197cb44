import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { NewRepositoryEvent } from "#internal/repository/event.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { connect } from "../connect.ts";
import { openDatabase } from "../database.ts";
import { insertEvent } from "../event-rows.ts";
import type { RepositoryListRequest } from "../repository-list.ts";
import { createSession } from "../session.ts";
import {
  closeAfterEach,
  type DatabaseSource,
  fault,
  newRepositoryId,
  SECRET_KEY,
  someRepository,
  useDatabase,
} from "./stores.ts";

const ANN = "users/ann";

/** What a RepositoryStore promises, on any dialect. */
export function repositoryStoreContract(name: string, source: DatabaseSource): void {
  describe(`repository store on ${name}`, () => {
    const used = useDatabase(source);
    const closing = closeAfterEach();
    const store = () => used.database.repositories;
    const secondProcess = async (secretKey = SECRET_KEY) =>
      closing(await openDatabase({ url: used.url, secretKey })).repositories;

    test("what is created is read back, all of it", async () => {
      const repository = someRepository({
        displayName: "Ünïcode 🎉",
        description: "d".repeat(1_000),
        fileOrigins: ["http://files.example:8081"],
        upstreamTrusted: true,
        visibility: "PUBLIC",
        labels: { team: "web", "example.com/tier": "" },
        syncIntervalMs: 3_600_000,
        metadataTtlMs: 0,
        state: "UNREACHABLE",
      });
      const created = await store().create(repository, ANN);
      expect(created).toMatchObject({ ...repository, hasCredential: false, version: 1, upstreamMode: "ONLINE" });
      expect(created.createTime).toBeInstanceOf(Date);
      expect(created.deleteTime).toBeUndefined();
      expect(await store().get(repository.id)).toEqual(created);
      for (const id of [`${repository.id} `, repository.id.toUpperCase(), ""]) {
        await expect(store().get(id)).rejects.toMatchObject(fault("REPOSITORY_NOT_FOUND"));
      }
    });

    test("an id is taken once, whatever the number of those who want it", async () => {
      const repository = someRepository();
      const other = source.owners === "one" ? store() : await secondProcess();
      const asked = [store(), other, store(), other].map((each) => each.create(repository, ANN));
      const ends = await Promise.allSettled(asked);
      expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
      for (const end of ends)
        if (end.status === "rejected") expect(end.reason).toMatchObject(fault("REPOSITORY_EXISTS"));
    });

    test("an update changes the fields that it names, and the version", async () => {
      const before = await store().create(someRepository({ labels: { team: "web" }, metadataTtlMs: 1_000 }), ANN);
      const changes = { displayName: "New", labels: { team: "api", tier: "1" }, metadataTtlMs: undefined };
      const after = await store().update(before.id, changes, { actor: ANN, etagVersion: 1 });
      expect(after).toEqual({ ...before, ...changes, version: 2, updateTime: after.updateTime });
    });

    test("of two updates that have seen the same version one is refused", async () => {
      const { id } = await store().create(someRepository(), ANN);
      const update = (displayName: string) => store().update(id, { displayName }, { actor: ANN, etagVersion: 1 });
      const ends = await Promise.allSettled([update("a"), update("b")]);
      expect(ends.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      const refused = ends.find((end) => end.status === "rejected");
      expect(refused?.reason).toMatchObject(fault("ETAG_STALE"));
    });

    test("labels that break their rule change nothing", async () => {
      const { id } = await store().create(someRepository({ labels: { team: "web" } }), ANN);
      const refused = store().update(id, { displayName: "New", labels: { Team: "x" } }, { actor: ANN });
      await expect(refused).rejects.toMatchObject(fault("ARGUMENT_INVALID"));
      expect(await store().get(id)).toMatchObject({ displayName: "Charts", labels: { team: "web" }, version: 1 });
    });

    test("a deleted repository is gone until it is taken back", async () => {
      const before = await store().create(someRepository({ state: "UNREACHABLE" }), ANN);
      const deleted = await store().delete(before.id, { actor: ANN });
      expect(deleted).toMatchObject({ state: "DELETED", deleteTime: expect.any(Date) });
      await expect(store().get(before.id)).rejects.toMatchObject(fault("REPOSITORY_NOT_FOUND"));
      await expect(store().delete(before.id, { actor: ANN })).rejects.toMatchObject(fault("REPOSITORY_NOT_FOUND"));
      expect(await store().undelete(before.id, ANN)).toMatchObject({
        uid: before.uid,
        state: "UNREACHABLE",
        version: 3,
      });
      await expect(store().undelete(before.id, ANN)).rejects.toMatchObject(fault("REPOSITORY_NOT_FOUND"));
    });

    test("the id of a deleted repository can be taken; its credential and labels do not come back", async () => {
      const credential = { kind: "bearer", token: "t0ken" } as const;
      const old = await store().create(someRepository({ labels: { team: "web" }, credential }), ANN);
      await store().delete(old.id, { actor: ANN });
      const next = await store().create(someRepository({ id: old.id }), ANN);
      expect(next).toMatchObject({ labels: {}, hasCredential: false, version: 1 });
      expect(next.uid).not.toBe(old.uid);
      expect(await store().readCredential(old.id)).toBeUndefined();
    });

    test("many are deleted together or not at all", async () => {
      const [one, two] = [await store().create(someRepository(), ANN), await store().create(someRepository(), ANN)];
      const refused = store().deleteMany([one.id, "absent", two.id], ANN);
      await expect(refused).rejects.toMatchObject(fault("REPOSITORY_NOT_FOUND"));
      expect((await store().get(one.id)).version).toBe(1);
      const deleted = await store().deleteMany([two.id, one.id], ANN);
      expect(deleted.map(({ id }) => id)).toEqual([two.id, one.id]);
    });

    test("a credential is written, seen as set, replaced and cleared, and only readCredential returns it", async () => {
      const { id } = await store().create(someRepository(), ANN);
      const basic = { kind: "basic", username: "ann", password: "hunter2-ü" } as const;
      const set = await store().setCredential(id, basic, ANN);
      expect(set).toMatchObject({ hasCredential: true, version: 2 });
      expect(await store().readCredential(id)).toEqual(basic);
      const told = JSON.stringify([set, await store().listEvents(id, {}), await store().list({})]);
      expect(told).not.toContain("hunter2");
      expect(await store().setCredential(id, undefined, ANN)).toMatchObject({ hasCredential: false });
      expect(await store().readCredential(id)).toBeUndefined();
    });

    test("another secret key cannot read it, and says so", async () => {
      const credential = { kind: "header", name: "x-key", value: "v" } as const;
      const { id } = await store().create(someRepository({ credential }), ANN);
      const stranger = await secondProcess(randomBytes(32));
      await expect(stranger.readCredential(id)).rejects.toMatchObject(fault("STORAGE_UNAVAILABLE"));
      expect((await stranger.get(id)).hasCredential).toBe(true);
    });

    test("the upstream mode is set for one or for all", async () => {
      const [one, two] = [await store().create(someRepository(), ANN), await store().create(someRepository(), ANN)];
      const [changed] = await store().setUpstreamMode({ id: one.id }, "OFFLINE", ANN);
      expect(changed).toMatchObject({ id: one.id, upstreamMode: "OFFLINE" });
      expect((await store().get(two.id)).upstreamMode).toBe("ONLINE");
      const all = await store().setUpstreamMode("all", "OFFLINE", ANN);
      expect(new Set(all.map(({ upstreamMode }) => upstreamMode))).toEqual(new Set(["OFFLINE"]));
      expect((await store().get(two.id)).version).toBe(2);
      expect((await store().get(one.id)).version).toBe(2);
      await store().setUpstreamMode("all", "ONLINE", ANN);
    });

    test("every change writes its event, with who did it", async () => {
      const { id, uid } = await store().create(someRepository(), ANN);
      await store().update(id, { displayName: "x" }, { actor: "users/bob" });
      await store().setCredential(id, { kind: "bearer", token: "t" }, ANN);
      await store().setUpstreamMode({ id }, "OFFLINE", ANN);
      await store().delete(id, { actor: ANN });
      await store().undelete(id, ANN);
      const facts = { digest: "sha256:00" };
      await store().appendEvent({ ...mismatch(id, uid), facts });
      const { items } = await store().listEvents(uid, {});
      expect(items.map(({ type, actor }) => `${type} ${actor}`)).toEqual([
        "DIGEST_MISMATCH system",
        "UNDELETED users/ann",
        "DELETED users/ann",
        "UPSTREAM_MODE_SET users/ann",
        "CREDENTIAL_SET users/ann",
        "UPDATED users/bob",
        "CREATED users/ann",
      ]);
      expect(items[0]?.facts).toEqual(facts);
    });

    test("a repository that took a deleted one's id shows none of its events", async () => {
      const old = await store().create(someRepository(), ANN);
      await store().delete(old.id, { actor: ANN });
      const fresh = await store().create(someRepository({ id: old.id }), "users/bob");
      const eventsOf = async (uid: string) => (await store().listEvents(uid, {})).items.map(({ type }) => type);
      expect(await eventsOf(fresh.uid)).toEqual(["CREATED"]);
      expect(await eventsOf(old.uid)).toEqual(["DELETED", "CREATED"]);
      const { items } = await store().listEvents(undefined, { pageSize: 3 });
      expect(items.map(({ repositoryUid }) => repositoryUid)).toEqual([fresh.uid, old.uid, old.uid]);
    });

    test("events are read after an id, oldest first, of one repository or of all", async () => {
      const before = await store().lastEventId();
      const [one, two] = [await store().create(someRepository(), ANN), await store().create(someRepository(), ANN)];
      await store().appendEvent(mismatch(one.id, one.uid));
      const uidsAfter = async (uid: string | undefined, id: string, limit = 10) =>
        (await store().eventsAfter(uid, id, limit)).map(({ repositoryUid }) => repositoryUid);
      expect(await uidsAfter(undefined, before)).toEqual([one.uid, two.uid, one.uid]);
      expect(await uidsAfter(undefined, before, 2)).toEqual([one.uid, two.uid]);
      expect(await uidsAfter(one.uid, before)).toEqual([one.uid, one.uid]);
      expect(await uidsAfter(undefined, await store().lastEventId())).toEqual([]);
      for (const id of ["", "-1", "1.5", "x", "9".repeat(16)]) {
        await expect(store().eventsAfter(undefined, id, 1)).rejects.toMatchObject(fault("ARGUMENT_INVALID"));
      }
    });

    test("whoever follows the events of several writers misses none and sees none twice", async () => {
      const other = source.owners === "one" ? store() : await secondProcess();
      const { id, uid } = await store().create(someRepository(), ANN);
      let lastId = await store().lastEventId();
      const writers = Array.from({ length: 40 }, (_, n) =>
        (n % 2 ? store() : other).appendEvent({ ...mismatch(id, uid), facts: { n: String(n) } }),
      );
      const seen: string[] = [];
      while (seen.length < writers.length) {
        for (const event of await store().eventsAfter(uid, lastId, 7)) {
          seen.push(event.facts.n ?? "");
          lastId = event.id;
        }
      }
      await Promise.all(writers);
      expect(new Set(seen).size).toBe(writers.length);
      expect(await store().eventsAfter(uid, lastId, 7)).toEqual([]);
    });

    // The embedded database has one writer anyway.
    if (source.owners === "many") {
      test("an event that is written while an earlier one is not committed waits for it", async () => {
        const { id, uid } = await store().create(someRepository(), ANN);
        const before = await store().lastEventId();
        const connected = await connect(used.url);
        const [written, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
        const slow = createSession(connected).write(async (sql, now) => {
          await insertEvent(sql, now, { ...mismatch(id, uid), message: "slow" });
          written.resolve();
          await gate.promise;
        });
        await written.promise;
        const quick = store().appendEvent({ ...mismatch(id, uid), message: "quick" });
        // Time enough for it to overtake, were it not for the lock.
        await Promise.race([quick, sleep(500)]);
        const early = await store().eventsAfter(uid, before, 10);
        gate.resolve();
        await Promise.all([slow, quick]);
        const late = await store().eventsAfter(uid, early.at(-1)?.id ?? before, 10);
        expect([...early, ...late].map(({ message }) => message)).toEqual(["slow", "quick"]);
        await connected.orm.close(true);
      });
    }

    test("events that are old are forgotten", async () => {
      const { uid } = await store().create(someRepository(), ANN);
      expect(await store().pruneEvents(3_600_000)).toBe(0);
      const forget = async () => {
        await store().pruneEvents(0);
        return (await store().listEvents(uid, {})).items.length;
      };
      await expect.poll(forget, { timeout: 10_000 }).toBe(0);
    });

    test("a change is told in this process, and seen by the cursor of another", async () => {
      const other = await secondProcess();
      let told = 0;
      const stop = store().onChange(() => told++);
      const before = await other.changeCursor();
      const { id, uid } = await store().create(someRepository(), ANN);
      const created = await other.changeCursor();
      await store().setCredential(id, { kind: "bearer", token: "t" }, ANN);
      stop();
      expect(new Set([before, created, await other.changeCursor()]).size).toBe(3);
      await store().delete(id, { actor: ANN });
      expect(told).toBe(2);
      const last = await other.changeCursor();
      await store().appendEvent(mismatch(id, uid));
      expect(await other.changeCursor()).toBe(last);
    });
  });

  describe(`listing repositories on ${name}`, () => {
    const used = useDatabase(source);
    const store = () => used.database.repositories;
    const list = (request: RepositoryListRequest) => store().list(request);
    const idsOf = async (request: RepositoryListRequest) => (await list(request)).items.map(({ id }) => id);

    async function everyPage(request: RepositoryListRequest): Promise<Repository[][]> {
      const pages: Repository[][] = [];
      let pageToken = "";
      do {
        const page = await list({ ...request, pageToken });
        pages.push([...page.items]);
        pageToken = page.nextPageToken;
      } while (pageToken !== "");
      return pages;
    }

    test("201 repositories come in pages of any size, each once", async () => {
      const ids: string[] = [];
      for (let n = 0; n < 201; n++) {
        const labels = n % 2 === 0 ? { parity: "even" } : {};
        const { id } = await store().create(someRepository({ id: newRepositoryId("page"), labels }), ANN);
        ids.push(id);
      }
      for (const [pageSize, pages] of [
        [1, 201],
        [10, 21],
        [11, 19],
        [200, 2],
        [201, 1],
        [1_000, 1],
        [5_000, 1],
      ] as const) {
        const got = await everyPage({ pageSize });
        expect(got).toHaveLength(pages);
        expect(got.flat().map(({ id }) => id)).toEqual(ids);
      }
      expect((await list({})).items).toHaveLength(50);
      const byTime = await everyPage({ pageSize: 11, orderBy: "create_time desc" });
      expect(new Set(byTime.flat().map(({ id }) => id)).size).toBe(201);
      const even = await everyPage({ pageSize: 11, filter: "labels.parity = even" });
      expect(even.flat()).toHaveLength(101);
    });

    test("filters and orders", async () => {
      const make = (id: string, fields: Parameters<typeof someRepository>[0]) =>
        store().create(someRepository({ id, ...fields }), ANN);
      await make("f-npm", { format: "npm", visibility: "PUBLIC", labels: { team: "web" } });
      await make("f-pypi", { format: "pypi", labels: { team: "WEB" }, state: "UNREACHABLE" });
      await make("f-gone", { format: "pypi", labels: { team: "web", old: "1" } });
      await store().delete("f-gone", { actor: ANN });
      await store().update("f-npm", { displayName: "later" }, { actor: ANN });

      expect(await idsOf({ filter: 'format = "npm"' })).toEqual(["f-npm"]);
      expect(await idsOf({ filter: "labels.team = web" })).toEqual(["f-npm"]);
      expect(await idsOf({ filter: 'labels.team = "web "' })).toEqual([]);
      expect(await idsOf({ filter: 'format = "npm "' })).toEqual([]);
      expect(await idsOf({ filter: "labels.team:*" })).toEqual(["f-npm", "f-pypi"]);
      expect(await idsOf({ filter: "labels.team:* AND visibility = PUBLIC" })).toEqual(["f-npm"]);
      expect(await idsOf({ filter: "state = UNREACHABLE" })).toEqual(["f-pypi"]);
      expect(await idsOf({ filter: "format = pypi", showDeleted: true })).toEqual(["f-gone", "f-pypi"]);
      expect(await idsOf({ filter: "state = DELETED", showDeleted: true })).toEqual(["f-gone"]);
      expect(await idsOf({ filter: "labels.team:*", orderBy: "id desc" })).toEqual(["f-pypi", "f-npm"]);
      expect(await idsOf({ filter: "labels.team:*", orderBy: "update_time desc" })).toEqual(["f-npm", "f-pypi"]);
    });

    test.each<RepositoryListRequest>([
      { filter: "color = red" },
      { filter: "state = SLEEPING" },
      { filter: 'format = "n*"' },
      { orderBy: "secret" },
      { orderBy: "id; drop table repository" },
      { pageSize: -1 },
      { pageSize: 1.5 },
      { pageToken: "x" },
      { pageToken: "e30" },
      { pageToken: "x".repeat(5_000) },
    ])("refused: %o", async (request) => {
      await expect(list(request)).rejects.toMatchObject(fault("ARGUMENT_INVALID"));
    });

    test("a page token of another list is refused", async () => {
      const { nextPageToken } = await list({ pageSize: 1 });
      await expect(list({ pageToken: nextPageToken, orderBy: "id desc" })).rejects.toMatchObject(
        fault("ARGUMENT_INVALID"),
      );
      const { nextPageToken: ofEvents } = await store().listEvents(undefined, { pageSize: 1 });
      await expect(list({ pageToken: ofEvents })).rejects.toMatchObject(fault("ARGUMENT_INVALID"));
    });
  });
}

function mismatch(repositoryId: string, repositoryUid: string): NewRepositoryEvent {
  return { repositoryId, repositoryUid, type: "DIGEST_MISMATCH", message: "m", facts: {}, actor: "system" };
}
