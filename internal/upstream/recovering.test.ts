import type { Socket } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { respond } from "./hostile-server.ts";
import type { After } from "./recovering.ts";
import { openTestUpstream, type TestUpstream } from "./test-upstream.ts";

let bench: TestUpstream;
afterEach(() => bench.close());

const OK = (socket: Socket) => respond(socket, 200, {}, "x");

/** Timers that a test fires by itself. */
function manualTimers() {
  const waiting = new Set<{ ms: number; run: () => void }>();
  const after: After = (ms, run) => {
    const timer = { ms, run };
    waiting.add(timer);
    return () => void waiting.delete(timer);
  };
  /** Lets so much time pass that every timer is due. */
  const fire = (): void => {
    for (const timer of [...waiting]) {
      waiting.delete(timer);
      bench.advance(timer.ms);
      timer.run();
    }
  };
  return { after, fire, waiting };
}

const failure = (url: string) => expect(bench.get(url)).rejects.toMatchObject({ reason: "UPSTREAM_UNAVAILABLE" });
const breaker = () => bench.upstream.status()[0]?.breaker;

test("an upstream that is back is known before anybody asks again", async () => {
  const timers = manualTimers();
  bench = openTestUpstream({ after: timers.after });
  let isUp = false;
  const server = await bench.serve((socket) => void (isUp && OK(socket)));
  await failure(`${server.url}first`);
  await failure(`${server.url}last`);
  expect(timers.waiting.size).toBe(1);

  timers.fire();
  await vi.waitFor(() => expect(timers.waiting.size).toBe(1));
  expect(breaker()).toBe("open");

  isUp = true;
  timers.fire();
  await vi.waitFor(() => expect(breaker()).toBe("closed"));
  expect(timers.waiting.size).toBe(0);
  expect(server.heads.map((head) => head.split(" ")[1])).toEqual(["/first", "/last", "/last"]);
});

test("nobody is waited for who has not asked for ten minutes, and the next one who asks is the probe", async () => {
  const timers = manualTimers();
  bench = openTestUpstream({ after: timers.after });
  const server = await bench.serve(() => undefined);
  await failure(server.url);
  bench.advance(600_001);
  timers.fire();
  expect(timers.waiting.size).toBe(0);
  expect(server.heads).toHaveLength(1);
  await failure(server.url);
  expect(server.heads).toHaveLength(2);
  expect(timers.waiting.size).toBe(1);
});

test("of a file the first byte is asked for, and a question with a body is not asked again", async () => {
  const timers = manualTimers();
  bench = openTestUpstream({ after: timers.after });
  let isUp = false;
  const server = await bench.serve((socket) => void (isUp && OK(socket)));
  const headers = { accept: "*/*", range: "bytes=70-", "if-range": '"tag"' };
  await expect(bench.get(`${server.url}file`, { pathClass: "file", headers })).rejects.toThrow();
  const body = Buffer.from("question");
  await expect(bench.get(`${server.url}query`, { pathClass: "query", method: "POST", body })).rejects.toThrow();
  isUp = true;
  timers.fire();
  await vi.waitFor(() => expect(bench.upstream.status().map((one) => one.breaker)).toEqual(["closed", "closed"]));
  const [file, query] = server.heads.slice(2).sort();
  expect(file).toMatch(/^GET \/file /);
  expect(file).toMatch(/\r\nrange: bytes=0-0\r\n/);
  expect(file).not.toMatch(/if-range/);
  expect(query).toMatch(/^GET \/query /);
});

test("an upstream that breaks off in bodies is probed too, and closing ends it", async () => {
  const timers = manualTimers();
  bench = openTestUpstream({ after: timers.after });
  const server = await bench.serve((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"));
  for (let time = 0; time < 3; time++) await expect(bench.read(server.url)).rejects.toThrow();
  await vi.waitFor(() => expect(timers.waiting.size).toBe(1));
  await bench.upstream.close();
  expect(timers.waiting.size).toBe(0);
});

test("a pause that the upstream asked for is kept", async () => {
  const timers = manualTimers();
  bench = openTestUpstream({ after: timers.after });
  const server = await bench.serve((socket, head) => {
    if (head.includes("/held")) respond(socket, 429, { "retry-after": "60" });
  });
  await expect(bench.get(`${server.url}file`, { pathClass: "file" })).rejects.toThrow();
  await expect(bench.get(`${server.url}held`)).rejects.toMatchObject({ reason: "UPSTREAM_RATE_LIMITED" });
  for (let time = 0; time < 3; time++) {
    timers.fire();
    await vi.waitFor(() => expect([...timers.waiting].map(({ ms }) => ms)).toEqual([1_000]));
  }
  expect(server.heads).toHaveLength(2);
});
