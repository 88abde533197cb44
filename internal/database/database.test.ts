import { randomBytes } from "node:crypto";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openDatabase } from "./database.ts";

const secretKey = randomBytes(32);

test.each(["postgres://127.0.0.1/larder", "larder.db", ""])("refused: %s", async (url) => {
  await expect(openDatabase({ url, secretKey })).rejects.toMatchObject({ reason: "ARGUMENT_INVALID" });
});

test("a database that is not there is unavailable, and its password is not told", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  const url = `mysql://larder:hunter2@127.0.0.1:${port}/larder`;
  const refused = await openDatabase({ url, secretKey }).catch((error: unknown) => error);
  expect(refused).toMatchObject({ reason: "DATABASE_UNAVAILABLE" });
  expect(String(refused)).not.toContain("hunter2");
});

test("a file that is no database is refused, and stays as it is", async () => {
  const folder = await mkdtemp(join(tmpdir(), "larder-database-"));
  const path = join(folder, "larder.db");
  const content = "somebody's diary ".repeat(1_000);
  await writeFile(path, content);
  const refused = openDatabase({ url: `sqlite:${path}`, secretKey });
  await expect(refused).rejects.toMatchObject({
    reason: "DATABASE_UNAVAILABLE",
    message: expect.stringContaining("restore a backup"),
  });
  expect(await readFile(path, "utf8")).toBe(content);
  await rm(folder, { recursive: true });
});

test("the folder of the file is made", async () => {
  const folder = await mkdtemp(join(tmpdir(), "larder-database-"));
  const database = await openDatabase({ url: `sqlite:${join(folder, "a/b/larder.db")}`, secretKey });
  expect(await database.healthy()).toBe(true);
  await database.close();
  await rm(folder, { recursive: true });
});
