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
