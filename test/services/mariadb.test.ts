import { afterAll, beforeAll, expect, test } from "vitest";
import { askDatabase, createDatabase, dropDatabase, emptyDatabase } from "./database.ts";
import { type MariadbServer, startMariadb } from "./mariadb.ts";

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
});
afterAll(() => server.stop());

test("a started server answers", async () => {
  expect((await askDatabase(server.url, "SELECT 6 * 7")).stdout).toBe("42\n");
});

test("a created database is empty and takes every character", async () => {
  const url = await createDatabase(server.url, "pantry");
  expect(url).toBe(`${server.url}/pantry`);
  const sql = "SELECT default_character_set_name FROM information_schema.schemata WHERE schema_name = 'pantry'";
  expect((await askDatabase(url, sql)).stdout).toBe("utf8mb4\n");
  expect((await askDatabase(url, "SHOW TABLES IN pantry")).stdout).toBe("");
});

test("a database that exists is not handed out as empty", async () => {
  await createDatabase(server.url, "taken");
  await expect(createDatabase(server.url, "taken")).rejects.toThrow("database exists");
});

test("a dropped database is gone", async () => {
  const url = await createDatabase(server.url, "short_lived");
  await dropDatabase(url, "short_lived");
  expect((await askDatabase(url, "SHOW DATABASES LIKE 'short_lived'")).stdout).toBe("");
});

test("the run's server gives each test file a database of its own", async () => {
  const [one, other] = [await emptyDatabase(), await emptyDatabase()];
  expect(one.url).not.toBe(other.url);
  const name = new URL(one.url).pathname.slice(1);
  expect((await askDatabase(one.url, `SHOW DATABASES LIKE '${name}'`)).stdout).toBe(`${name}\n`);
  await Promise.all([one.drop(), other.drop()]);
  expect((await askDatabase(one.url, `SHOW DATABASES LIKE '${name}'`)).stdout).toBe("");
});

test("a server that is gone is a failure, not an empty answer", async () => {
  const other = await startMariadb();
  await other.stop();
  await expect(createDatabase(other.url, "nowhere")).rejects.toThrow("CREATE DATABASE");
});
