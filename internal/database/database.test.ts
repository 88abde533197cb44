import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
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
