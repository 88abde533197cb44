import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { Fault } from "#internal/fault/fault.ts";
import { refusalOf, sendRefusal } from "./refuse.ts";

async function refused(error: unknown) {
  const server = createServer((_, response: ServerResponse) => sendRefusal(response, undefined, refusalOf(error), {}));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  const told = { status: answer.status, phrase: answer.statusText, text: await answer.text() };
  server.close();
  return told;
}

test.each([
  {
    name: "paths of this machine",
    error: new Fault("STORAGE_UNAVAILABLE", "cannot open '/secret/place'", { code: "EMFILE" }),
    want: { status: 503, phrase: "Larder cannot use its storage now (EMFILE)" },
  },
  {
    name: "the words of a bug",
    error: new TypeError("undefined is not a function at /secret/place"),
    want: { status: 500, phrase: "Larder failed to answer; its log says why" },
  },
])("does not tell $name", async ({ error, want }) => {
  const told = await refused(error);
  expect(told).toMatchObject(want);
  expect(told.text).not.toContain("secret");
});

test("a reason phrase keeps to visible ASCII and 120 characters", async () => {
  const { phrase } = await refused(new Fault("ARGUMENT_INVALID", `é\r\nx-injected: 1 ${"long ".repeat(60)}`));
  expect(phrase).toMatch(/^\?\?\?x-injected: 1 long/);
  expect(phrase.length).toBeLessThanOrEqual(120);
});
