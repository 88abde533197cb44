import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { respond } from "./hostile-server.ts";
import type { After } from "./recovering.ts";
import { openTestUpstream, type TestUpstream } from "./test-upstream.ts";

let bench: TestUpstream;
afterEach(() => bench.close());

const OK = (socket: Socket) => respond(socket, 200, {}, "x");

function manualTimers() {
  const waiting: { ms: number; run: () => void }[] = [];
  const after: After = (ms, run) => {
    const timer = { ms, run };
    waiting.push(timer);
    return () => void waiting.splice(waiting.indexOf(timer), 1);
  };
  return { waiting, after };
}

test("a burst leaves at once, and the rest in its turn", async () => {
  const { waiting, after } = manualTimers();
  bench = openTestUpstream({ requestsPerSecondPerOrigin: 4, after });
  const server = await bench.serve(OK);
  const other = await bench.serve(OK);
  const all = Array.from({ length: 7 }, (_, index) => bench.read(`${server.url}${index}`));
  await Promise.all(all.slice(0, 4));
  expect(waiting.map(({ ms }) => ms)).toEqual([250, 500, 750]);
  expect(server.heads).toHaveLength(4);
  // Another origin has a bucket of its own.
  expect((await bench.read(other.url)).text).toBe("x");

  for (const { run } of waiting.splice(0)) run();
  await Promise.all(all);
  bench.advance(2_000);
  await Promise.all(Array.from({ length: 4 }, () => bench.read(server.url)));
  expect(server.heads).toHaveLength(11);
});

test("who gives up waits no longer", async () => {
  const { waiting, after } = manualTimers();
  bench = openTestUpstream({ requestsPerSecondPerOrigin: 1, after });
  const server = await bench.serve(OK);
  await bench.read(server.url);
  const controller = new AbortController();
  const second = bench.read(server.url, { signal: controller.signal });
  await expect.poll(() => waiting.length).toBe(1);
  controller.abort(new Error("left"));
  await expect(second).rejects.toThrow("left");
  expect(waiting).toEqual([]);
  expect(server.heads).toHaveLength(1);
});

test("by default nobody waits", async () => {
  const { waiting, after } = manualTimers();
  bench = openTestUpstream({ after });
  const server = await bench.serve(OK);
  await Promise.all(Array.from({ length: 100 }, () => bench.read(server.url)));
  expect(waiting).toEqual([]);
});
