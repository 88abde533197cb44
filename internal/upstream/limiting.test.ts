import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { respond } from "./hostile-server.ts";
import { openTestUpstream, type TestUpstream } from "./test-upstream.ts";

let bench: TestUpstream;
afterEach(() => bench.close());

/** A server that answers only when told to. */
async function serveOnCommand() {
  const waiting: Socket[] = [];
  let most = 0;
  const server = await bench.serve((socket) => {
    waiting.push(socket);
    most = Math.max(most, waiting.length);
  });
  const answerNext = async () => {
    await expect.poll(() => waiting.length).toBeGreaterThan(0);
    const socket = waiting.shift();
    if (socket) respond(socket, 200, {}, "x");
  };
  return { server, waiting, answerNext, most: () => most };
}

test("no more than the limit run at once, and all get their turn", async () => {
  bench = openTestUpstream({ concurrencyPerOrigin: 3, timeoutMs: 10_000 });
  const { server, answerNext, most } = await serveOnCommand();
  const answers = Array.from({ length: 10 }, () => bench.read(server.url));
  for (let count = 0; count < 10; count++) await answerNext();
  expect((await Promise.all(answers)).map(({ text }) => text)).toEqual(new Array(10).fill("x"));
  expect(most()).toBe(3);
});

test("a full line of files does not hold up documents", async () => {
  bench = openTestUpstream({ concurrencyPerOrigin: 1, timeoutMs: 10_000 });
  const { server, waiting, answerNext } = await serveOnCommand();
  const file = bench.read(server.url, { pathClass: "file" });
  await expect.poll(() => waiting.length).toBe(1);
  const document = bench.read(server.url);
  await expect.poll(() => waiting.length).toBe(2);
  await answerNext();
  await answerNext();
  await Promise.all([file, document]);
});

test("whoever waits leaves with its signal, and its place goes to the next", async () => {
  bench = openTestUpstream({ concurrencyPerOrigin: 1, timeoutMs: 10_000 });
  const { server, waiting, answerNext } = await serveOnCommand();
  const first = bench.read(server.url);
  await expect.poll(() => waiting.length).toBe(1);
  const controller = new AbortController();
  const second = bench.read(server.url, { signal: controller.signal });
  const third = bench.read(server.url);
  controller.abort(new Error("left"));
  await expect(second).rejects.toThrow("left");
  await answerNext();
  await first;
  await answerNext();
  await third;
  expect(server.heads).toHaveLength(2);
});
