import { describe, expect, test } from "vitest";
import { connect } from "../connect.ts";
import { openDatabase } from "../database.ts";
import { type DatabaseSource, fault, SECRET_KEY } from "./stores.ts";

/** What opening a database promises, on any dialect. Each test has an empty one. */
export function migrationContract(name: string, newSource: () => DatabaseSource): void {
  describe(`migrations on ${name}`, () => {
    async function withEmpty(work: (url: string) => Promise<void>): Promise<void> {
      const source = newSource();
      try {
        await work(await source.url());
      } finally {
        await source.drop();
      }
    }
    const open = (url: string) => openDatabase({ url, secretKey: SECRET_KEY });

    test("several processes may start at once on an empty database", () =>
      withEmpty(async (url) => {
        const opened = await Promise.all([open(url), open(url), open(url), open(url)]);
        for (const database of opened) {
          expect(await database.healthy()).toBe(true);
          expect((await database.repositories.list({})).items).toEqual([]);
          await database.close();
        }
      }));

    test("the migrations make the tables that the code has", () =>
      withEmpty(async (url) => {
        await (await open(url)).close();
        const { orm } = await connect(url);
        const difference = await orm.schema.getUpdateSchemaSQL({ dropTables: false, wrap: false });
        await orm.close(true);
        expect(difference.trim()).toBe("");
      }));

    test("a migration that was killed in the middle is done again", () =>
      withEmpty(async (url) => {
        await (await open(url)).close();
        const { orm } = await connect(url);
        await orm.em.execute("delete from mikro_orm_migrations");
        await orm.em.execute("drop table outbox");
        await orm.close(true);
        const database = await open(url);
        expect(await database.tasks.pendingRings(1)).toEqual([]);
        await database.close();
      }));

    test("a database of the first schema is brought up to date: packages are found, events belong to their repository", () =>
      withEmpty(async (url) => {
        const { orm } = await connect(url);
        await orm.migrator.up({ to: "20261120110000-create-catalogue" });
        for (const sql of OLD_ROWS) await orm.em.execute(sql);
        await orm.close(true);
        const database = await open(url);
        const { items } = await database.repositories.listEvents("uid-of-charts", {});
        expect(items.map(({ id }) => id)).toEqual(["4", "3"]);
        const found = await database.catalog.search(["uid-of-charts"], { query: "äRGER server" });
        expect(found.items.map((each) => each.package.name)).toEqual(["ÄRGER"]);
        const all = await database.catalog.search(["uid-of-charts"], { query: "chart", pageSize: 1_000 });
        expect(all.items).toHaveLength(600);
        await database.close();
      }));

    test("a schema that is newer than the program is refused", () =>
      withEmpty(async (url) => {
        await (await open(url)).close();
        const { orm } = await connect(url);
        await orm.em.execute("insert into mikro_orm_migrations (name) values ('29990101000000-from-the-future')");
        await orm.close(true);
        await expect(open(url)).rejects.toMatchObject({
          ...fault("DATABASE_UNAVAILABLE"),
          message: expect.stringContaining("from-the-future"),
        });
      }));

    test("a closed database is not healthy", () =>
      withEmpty(async (url) => {
        const database = await open(url);
        await database.close();
        expect(await database.healthy()).toBe(false);
      }));
  });
}

const TIME = "'2026-01-01 00:00:00.000'";
const packageRow = (name: string, description: string) =>
  `('uid-of-charts', '${name}', '${description}', 0, '', 0, 0, ${TIME}, ${TIME})`;
const EVENTS = ["CREATED", "DELETED", "CREATED", "UPDATED"];
/** A repository that took the id of a deleted one, its packages, and the events of both. */
const OLD_ROWS = [
  `insert into repository (id, uid, format, display_name, description, upstream_url, file_origins, upstream_trusted, visibility, owner,
    mode, sync_interval_ms, upstream_mode, state, version, create_time, update_time) values ('charts', 'uid-of-charts', 'helm', '', '',
    'http://registry.example/', '[]', 0, 'PUBLIC', '', 'PROXY', 0, 'ONLINE', 'ACTIVE', 1, ${TIME}, ${TIME})`,
  `insert into package (repository_uid, name, description, version_count, latest_version, deprecated, removed, create_time, update_time)
    values ${packageRow("ÄRGER", "A Server")}, ${Array.from({ length: 600 }, (_, n) => packageRow(`chart-${n}`, "")).join(", ")}`,
  ...EVENTS.map(
    (type) =>
      `insert into repository_event (repository_id, type, message, facts, actor, create_time)
        values ('charts', '${type}', '', '{}', 'system', ${TIME})`,
  ),
];
