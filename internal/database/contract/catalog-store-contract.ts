import { describe, expect, test } from "vitest";
import { type Lease, LeaseLost } from "#internal/repository/index-task.ts";
import type { ListedPackage, ListedVersion } from "#internal/repository/package.ts";
import { type DatabaseSource, fault, someRepository, useDatabase } from "./stores.ts";

const LEASE_MS = 60_000;
const REQUEST = { packages: [], force: false, actor: "users/ann" };

/** Names that a careless collation takes for one another. */
const COLLISIONS = [
  "a",
  "A",
  "\u00e1",
  "a\u0301",
  "\u00e4",
  "ss",
  "\u00df",
  "\u017f",
  "s",
  "k",
  "K",
  "\u212a",
  "\u00c5",
  "\u212b",
].concat(["a_b", "a-b", "a.b", "aa", "\ufb01", "fi", "\u2163", "IV", "\u{1f600}", "\u{1f601}", "\ue000", "\uffee"]);

/** What a CatalogStore promises, on any dialect. */
export function catalogStoreContract(name: string, source: DatabaseSource): void {
  describe(`catalog store on ${name}`, () => {
    const used = useDatabase(source);
    const catalog = () => used.database.catalog;

    async function working(): Promise<{
      uid: string;
      lease: Lease;
      apply: (...packages: ListedPackage[]) => Promise<void>;
    }> {
      const { tasks, repositories } = used.database;
      const { id, uid } = await repositories.create(someRepository(), "users/ann");
      const task = await tasks.request(id, REQUEST);
      const claimed = await tasks.claim("worker-1", LEASE_MS, task.id);
      if (!claimed) throw new Error("the new task cannot be claimed");
      const { lease } = claimed;
      return { uid, lease, apply: (...packages) => catalog().apply(lease, LEASE_MS, uid, packages) };
    }
    const countsOf = async ({ taskId }: Lease) => (await used.database.tasks.get(taskId)).counts;
    const versionsOf = async (uid: string, packageName: string, filter = "") =>
      (await catalog().listVersions(uid, packageName, { filter })).items.map(({ version }) => version);
    const namesOf = async (uid: string, filter = "") =>
      (await catalog().listPackages(uid, { filter })).items.map(({ name: each }) => each);

    test("what is new is added, and read back as it came", async () => {
      const { uid, lease, apply } = await working();
      const publishTime = new Date("2026-01-02T03:04:05.678Z");
      const version = someVersion("1.0.0", {
        appVersion: "9",
        digest: "sha256:aa",
        publishTime,
        metadata: '{"é":"😀"}',
      });
      await apply({ name: "nginx", description: "web\nserver", deprecated: true, versions: [version] });
      expect(await catalog().getPackage(uid, "nginx")).toMatchObject({
        name: "nginx",
        description: "web\nserver",
        deprecated: true,
        removed: false,
        versionCount: 1,
        latestVersion: "1.0.0",
      });
      const { items } = await catalog().listVersions(uid, "nginx", {});
      expect(items).toEqual([
        { ...version, removed: false, createTime: expect.any(Date), updateTime: expect.any(Date) },
      ]);
      expect(await countsOf(lease)).toMatchObject({ added: 1, updated: 0, removed: 0, skipped: 0 });
    });

    test("applied twice it changes nothing", async () => {
      const { uid, lease, apply } = await working();
      const nginx = somePackage("nginx", "2.0.0", "1.0.0");
      await apply(nginx);
      const before = await catalog().listVersions(uid, "nginx", {});
      await apply(nginx);
      expect(await catalog().listVersions(uid, "nginx", {})).toEqual(before);
      expect(await countsOf(lease)).toMatchObject({ added: 2, updated: 0, skipped: 2 });
    });

    test("a version that changed is updated, one that vanished is marked, and comes back as an update", async () => {
      const { uid, lease, apply } = await working();
      await apply(somePackage("nginx", "3.0.0", "2.0.0", "1.0.0"));
      const changed = somePackage("nginx", "3.0.0", "1.0.0");
      await apply({ ...changed, versions: [someVersion("3.0.0", { digest: "sha256:bb" }), someVersion("1.0.0")] });
      expect(await countsOf(lease)).toMatchObject({ added: 3, updated: 1, removed: 1, skipped: 1 });
      expect(await versionsOf(uid, "nginx")).toEqual(["3.0.0", "1.0.0"]);
      expect(await versionsOf(uid, "nginx", "removed = true")).toEqual(["2.0.0"]);
      expect(await catalog().countListed(uid)).toBe(2);

      await apply(somePackage("nginx", "3.0.0", "2.0.0", "1.0.0"));
      expect(await versionsOf(uid, "nginx")).toEqual(["3.0.0", "2.0.0", "1.0.0"]);
      expect(await countsOf(lease)).toMatchObject({ added: 3, updated: 3, removed: 1, skipped: 2 });
    });

    test("a package that vanished is marked with its versions, and comes back", async () => {
      const { uid, lease, apply } = await working();
      await apply(somePackage("nginx", "1.0.0"), somePackage("redis", "2.0.0", "1.0.0"));
      await catalog().remove(lease, LEASE_MS, uid, ["redis", "absent"]);
      await catalog().remove(lease, LEASE_MS, uid, ["redis"]);
      expect(await countsOf(lease)).toMatchObject({ added: 3, removed: 2 });
      expect(await namesOf(uid)).toEqual(["nginx"]);
      expect(await namesOf(uid, "removed = true")).toEqual(["redis"]);
      expect(await catalog().getPackage(uid, "redis")).toMatchObject({
        removed: true,
        versionCount: 0,
        latestVersion: "",
      });
      await apply(somePackage("redis", "2.0.0"));
      expect(await namesOf(uid)).toEqual(["nginx", "redis"]);
      expect(await catalog().countListed(uid)).toBe(2);
    });

    test("names differ by case, accents and form, the same on every dialect", async () => {
      const { uid, apply } = await working();
      await apply(...COLLISIONS.map((each) => somePackage(each, "1.0.0")));
      await apply({
        name: "many",
        description: "",
        deprecated: false,
        versions: COLLISIONS.map((each) => someVersion(each)),
      });
      const inOrder = [...COLLISIONS, "many"].sort((one, other) =>
        Buffer.compare(Buffer.from(one), Buffer.from(other)),
      );
      expect(await namesOf(uid)).toEqual(inOrder);
      for (const each of COLLISIONS) {
        expect(await namesOf(uid, `name = "${each}"`)).toEqual([each]);
        expect((await catalog().getPackage(uid, each)).name).toBe(each);
        expect(await versionsOf(uid, "many", `version = "${each}"`)).toEqual([each]);
      }
      await expect(catalog().getPackage(uid, "a ")).rejects.toMatchObject(fault("PACKAGE_NOT_FOUND"));
      expect(await namesOf(uid, 'name = "a "')).toEqual([]);
      expect(await namesOf(uid, 'name = "a*"')).toEqual(inOrder.filter((each) => each.startsWith("a")));
      expect(await namesOf(uid, 'name = "%*"')).toEqual([]);
    });

    test("versions come in the order of the index, in pages of any size", async () => {
      const { uid, apply } = await working();
      const versions = Array.from({ length: 201 }, (_, n) => `1.${200 - n}.0`);
      await apply(somePackage("big", ...versions));
      for (const pageSize of [1, 10, 11, 200, 201]) {
        const got: string[] = [];
        let pageToken = "";
        do {
          const page = await catalog().listVersions(uid, "big", { pageSize, pageToken });
          got.push(...page.items.map(({ version }) => version));
          pageToken = page.nextPageToken;
        } while (pageToken !== "");
        expect(got).toEqual(versions);
      }
      await apply(somePackage("big", "2.0.0", ...versions));
      expect((await versionsOf(uid, "big")).slice(0, 2)).toEqual(["2.0.0", "1.200.0"]);
    });

    test("deprecated ones are found", async () => {
      const { uid, apply } = await working();
      await apply({
        ...somePackage("old"),
        deprecated: true,
        versions: [someVersion("2"), someVersion("1", { deprecated: true })],
      });
      await apply(somePackage("new", "1"));
      expect(await namesOf(uid, "deprecated = true")).toEqual(["old"]);
      expect(await namesOf(uid, "deprecated = false")).toEqual(["new"]);
      expect(await versionsOf(uid, "old", "deprecated = true")).toEqual(["1"]);
    });

    test.each(["color = red", "deprecated = maybe", 'name = "a" AND name = "b"', "name:*"])(
      "refused: %s",
      async (filter) => {
        await expect(catalog().listPackages("uid", { filter })).rejects.toMatchObject(fault("ARGUMENT_INVALID"));
      },
    );

    test("what is listed is told by package, and pages after a name", async () => {
      const { uid, apply } = await working();
      await apply(somePackage("a", "2", "1"), somePackage("b"), somePackage("c", "1"));
      const first = await catalog().listedNames(uid, "", 2);
      expect(first.map((each) => [each.name, [...each.versions].sort()])).toEqual([
        ["a", ["1", "2"]],
        ["b", []],
      ]);
      expect(await catalog().listedNames(uid, "b", 2)).toEqual([{ name: "c", versions: ["1"] }]);
    });

    test("a worker that was taken for dead writes nothing", async () => {
      const { uid, lease, apply } = await working();
      await apply(somePackage("nginx", "1.0.0"));
      const stale = { ...lease, attempt: lease.attempt - 1 };
      const refused = catalog().apply(stale, LEASE_MS, uid, [somePackage("evil", "1.0.0")]);
      await expect(refused).rejects.toBeInstanceOf(LeaseLost);
      await expect(catalog().remove(stale, LEASE_MS, uid, ["nginx"])).rejects.toBeInstanceOf(LeaseLost);
      expect(await namesOf(uid)).toEqual(["nginx"]);
    });

    test("1,000 versions with large metadata go in one chunk", async () => {
      const { uid, apply } = await working();
      const metadata = JSON.stringify({ notes: "x".repeat(20_000) });
      const versions = Array.from({ length: 1_000 }, (_, n) => someVersion(`1.0.${n}`, { metadata }));
      await apply({ ...somePackage("huge"), versions });
      expect(await catalog().countListed(uid)).toBe(1_000);
    });

    test("the catalogue of a repository that lost its id to another one is removed", async () => {
      const { uid, lease, apply } = await working();
      await apply(somePackage("nginx", "1.0.0"));
      const { repositories, tasks } = used.database;
      const { repositoryId } = await tasks.get(lease.taskId);
      await repositories.delete(repositoryId, { actor: "users/ann" });
      expect(await namesOf(uid)).toEqual(["nginx"]);
      await repositories.create(someRepository({ id: repositoryId }), "users/ann");
      expect(await namesOf(uid)).toEqual([]);
      await expect(tasks.get(lease.taskId)).rejects.toMatchObject(fault("INDEX_TASK_NOT_FOUND"));
      expect(await catalog().sweep()).toBe(0);
    });
  });
}

function somePackage(name: string, ...versions: string[]): ListedPackage {
  return { name, description: "", deprecated: false, versions: versions.map((version) => someVersion(version)) };
}

function someVersion(version: string, fields: Partial<ListedVersion> = {}): ListedVersion {
  return { version, appVersion: "", digest: "", publishTime: undefined, deprecated: false, metadata: "{}", ...fields };
}
