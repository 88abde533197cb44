import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { askDatabase, createDatabase } from "../../test/services/database.ts";
import { type MariadbServer, startMariadb } from "../../test/services/mariadb.ts";
import { fault, someRepository } from "./contract/stores.ts";
import { type Database, openDatabase } from "./database.ts";

let server: MariadbServer;
let database: Database;

beforeAll(async () => {
  server = await startMariadb();
  const url = await createDatabase(server.url, "larder");
  database = await openDatabase({ url, secretKey: randomBytes(32) });
});
afterAll(async () => {
  await database.close();
  await server.stop();
});

test("connections that the server has cut are made anew, and nobody notices", async () => {
  const { id } = await database.repositories.create(someRepository(), "users/ann");
  const { output } = await askDatabase(server.url, "select id from information_schema.processlist where db = 'larder'");
  const connections = output.trim().split("\n");
  expect(connections.length).toBeGreaterThan(0);
  for (const connection of connections) await askDatabase(server.url, `kill ${connection}`);
  expect((await database.repositories.update(id, { displayName: "x" }, { actor: "users/ann" })).version).toBe(2);
});

test("changes that lock one another are repeated", async () => {
  const ids: string[] = [];
  for (let n = 0; n < 4; n++) ids.push((await database.repositories.create(someRepository(), "users/ann")).id);
  const rounds = Array.from({ length: 12 }, async (_, n) => {
    if (n % 3 === 0) return database.repositories.setUpstreamMode("all", n % 2 ? "ONLINE" : "OFFLINE", "users/ann");
    const order = n % 2 ? ids : ids.toReversed();
    return Promise.all(
      order.map((id) => database.repositories.update(id, { displayName: `${n}` }, { actor: "users/ann" })),
    );
  });
  await expect(Promise.all(rounds)).resolves.toHaveLength(12);
});

test.each([
  { name: "another database", url: () => `${server.url}/absent`, message: "no such database" },
  {
    name: "a wrong password",
    url: () => `${server.url.replace("root@", "root:hunter2@")}/larder`,
    message: "password is wrong",
  },
])("$name is a fault that says what to do", async ({ url, message }) => {
  const refused = await openDatabase({ url: url(), secretKey: randomBytes(32) }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ ...fault("DATABASE_UNAVAILABLE"), message: expect.stringContaining(message) });
  expect(String(refused)).not.toContain("hunter2");
});

test("without its server the database is unavailable, and says so", async () => {
  await server.stop();
  expect(await database.healthy()).toBe(false);
  await expect(database.repositories.list({})).rejects.toMatchObject(fault("DATABASE_UNAVAILABLE"));
  await expect(database.repositories.create(someRepository(), "users/ann")).rejects.toMatchObject(
    fault("DATABASE_UNAVAILABLE"),
  );
});
