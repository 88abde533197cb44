import { describe, expect, test } from "vitest";
import type { Repository } from "#internal/repository/repository.ts";
import { searchPackages } from "../catalog-search.ts";
import { connect } from "../connect.ts";
import { createSession } from "../session.ts";
import { type DatabaseSource, fault, someRepository, useDatabase } from "./stores.ts";

const LEASE_MS = 60_000;
const ANN = "users/ann";

/** What searching a CatalogStore promises, the same on any dialect. */
export function catalogSearchContract(name: string, source: DatabaseSource): void {
  describe(`searching packages on ${name}`, () => {
    const used = useDatabase(source);
    const catalog = () => used.database.catalog;

    /** Lists packages in a new repository: name, or name with description. */
    async function listing(...packages: (string | readonly [string, string])[]): Promise<Repository> {
      const repository = await used.database.repositories.create(someRepository(), ANN);
      await apply(repository, packages);
      return repository;
    }

    async function apply({ id, uid }: Repository, packages: (string | readonly [string, string])[]): Promise<void> {
      const { tasks } = used.database;
      const task = await tasks.request(id, { packages: [], force: false, actor: ANN });
      const claimed = await tasks.claim("worker-1", LEASE_MS, task.id);
      if (!claimed) throw new Error("the new task cannot be claimed");
      const listed = packages.map((each) => {
        const [packageName, description] = typeof each === "string" ? [each, ""] : each;
        return { name: packageName, description, deprecated: false, versions: [] };
      });
      await catalog().apply(claimed.lease, LEASE_MS, uid, listed);
      await tasks.cancel(task.id, ANN);
    }

    async function find(query: string, ...repositories: Repository[]): Promise<string[]> {
      const { items } = await catalog().search(
        repositories.map(({ uid }) => uid),
        { query },
      );
      return items.map((each) => each.package.name);
    }

    test("the name itself comes first, then what begins with it, has it in the name, and in the description", async () => {
      const charts = await listing(
        ["apache", "not nginx"],
        "nginx",
        "my-nginx",
        "nginx-ingress",
        "a-nginx",
        ["zebra", "for Nginx"],
        "redis",
        "NGINX",
      );
      const want = ["NGINX", "nginx", "nginx-ingress", "a-nginx", "my-nginx", "apache", "zebra"];
      expect(await find("nginx", charts)).toEqual(want);
      expect(await find(" NgInX ", charts)).toEqual(want);
    });

    test("every word must be there, in the name or in the description", async () => {
      const charts = await listing(["nginx", "a web server"], ["nginx-web", ""], ["apache", "a web server"]);
      expect(await find("web nginx", charts)).toEqual(["nginx", "nginx-web"]);
      expect(await find("SERVER web", charts)).toEqual(["apache", "nginx"]);
      expect(await find("nginx absent", charts)).toEqual([]);
    });

    test("no character means anything but itself", async () => {
      const charts = await listing(
        "a_b",
        "a-b",
        "axb",
        "100%",
        "1000",
        "a\\b",
        "a'b",
        'a"b',
        "a*b",
        "a?b",
        "--",
        "a;b",
      );
      expect(await find("a_b", charts)).toEqual(["a_b"]);
      expect(await find("%", charts)).toEqual(["100%"]);
      expect(await find("_", charts)).toEqual(["a_b"]);
      expect(await find("\\", charts)).toEqual(["a\\b"]);
      expect(await find("'", charts)).toEqual(["a'b"]);
      expect(await find('"', charts)).toEqual(['a"b']);
      expect(await find("*", charts)).toEqual(["a*b"]);
      expect(await find("?", charts)).toEqual(["a?b"]);
      expect(await find("--", charts)).toEqual(["--"]);
      expect(await find(";", charts)).toEqual(["a;b"]);
    });

    test("upper and lower case are the same beyond ASCII, accents are not", async () => {
      const charts = await listing("Ärger", "arger", "A\u0308RGER-2", "ÉCOLE", "ecole", "😀", "😁", [
        "x",
        "Über\u0000alles",
      ]);
      expect(await find("äRGER", charts)).toEqual(["Ärger", "A\u0308RGER-2"]);
      expect(await find("école", charts)).toEqual(["ÉCOLE"]);
      expect(await find("ecole", charts)).toEqual(["ecole"]);
      expect(await find("😀", charts)).toEqual(["😀"]);
      expect(await find("ALLES über", charts)).toEqual(["x"]);
    });

    test("pages of any size have every package once, by repository where names are the same", async () => {
      const names = Array.from({ length: 25 }, (_, n) => `lib-${n}`);
      const [one, two] = [await listing(...names, ["other", "a lib"]), await listing(...names)];
      const uids = [two.uid, one.uid];
      const all = (await catalog().search(uids, { query: "lib", pageSize: 1_000 })).items;
      expect(all).toHaveLength(51);
      expect(all.slice(0, 2).map(({ repositoryId }) => repositoryId)).toEqual([one.id, two.id].toSorted());
      expect(all.at(-1)?.package.name).toBe("other");
      for (const pageSize of [1, 7, 50, 51]) {
        const seen: unknown[] = [];
        for (let pageToken = ""; ; ) {
          const page = await catalog().search(uids, { query: "lib", pageSize, pageToken });
          seen.push(...page.items);
          pageToken = page.nextPageToken;
          if (pageToken === "") break;
        }
        expect(seen).toEqual(all);
      }
      const { nextPageToken } = await catalog().search(uids, { query: "lib", pageSize: 1 });
      const other = catalog().search(uids, { query: "li", pageToken: nextPageToken });
      await expect(other).rejects.toMatchObject(fault("ARGUMENT_INVALID"));
    });

    test("a table that is looked through in slices gives the same", async () => {
      const packages = ["z-lib", "lib", "a-lib", ["x", "lib"], "lib-2", "\u{1f600}lib", "\uffeelib", "LIB"] as const;
      const uids = [(await listing(...packages)).uid, (await listing("lib", "none", "lib-1")).uid];
      const connected = await connect(used.url);
      const session = createSession(connected);
      for (const pageSize of [2, 100]) {
        const request = { query: "lib", pageSize };
        const want = await catalog().search(uids, request);
        for (const size of [1, 3, 10]) expect(await searchPackages(session, uids, request, size)).toEqual(want);
      }
      await connected.orm.close(true);
    });

    test("only what is listed now, in repositories that were named and are there", async () => {
      const [one, two] = [await listing("nginx"), await listing("nginx")];
      expect(await find("nginx")).toEqual([]);
      expect(await find("nginx", one)).toEqual(["nginx"]);
      expect(await find("nginx", one, two)).toEqual(["nginx", "nginx"]);
      await used.database.repositories.delete(two.id, { actor: ANN });
      expect(await find("nginx", one, two)).toEqual(["nginx"]);
      const { tasks } = used.database;
      const task = await tasks.request(one.id, { packages: [], force: false, actor: ANN });
      const claimed = await tasks.claim("worker-1", LEASE_MS, task.id);
      if (!claimed) throw new Error("the new task cannot be claimed");
      await catalog().remove(claimed.lease, LEASE_MS, one.uid, ["nginx"]);
      expect(await find("nginx", one)).toEqual([]);
    });

    test("a description that changes is found by what it says now, as far as it is searched", async () => {
      const charts = await listing(["nginx", "old"]);
      await apply(charts, [["nginx", `${"x".repeat(1_990)} fresh stale`]]);
      expect(await find("old", charts)).toEqual([]);
      expect(await find("fresh", charts)).toEqual(["nginx"]);
      expect(await find("stale", charts)).toEqual([]);
      await apply(charts, [["nginx", "İ".repeat(2_000)]]);
      expect(await find("i\u0307", charts)).toEqual(["nginx"]);
    });

    test("queries that are too long, and searches that are too wide, are refused", async () => {
      const charts = await listing("a");
      for (const query of ["", " ", "a".repeat(201), "a b c d e f g h i j k"]) {
        await expect(find(query, charts)).rejects.toMatchObject(fault("ARGUMENT_INVALID"));
      }
      const wide = catalog().search(Array(30_001).fill(charts.uid), { query: "a" });
      await expect(wide).rejects.toMatchObject(fault("LIMIT_EXCEEDED"));
      const most = await catalog().search(Array(30_000).fill(charts.uid), { query: "a" });
      expect(most.items).toHaveLength(1);
    });
  });
}
