import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { respond } from "./hostile-server.ts";
import { openTestUpstream, type TestUpstream } from "./test-upstream.ts";

let bench: TestUpstream;
afterEach(() => bench.close());

function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => "it succeeded",
    (error) => error,
  );
}

/** Sends `count` single bytes, one every `everyMs`. */
async function drip(socket: Socket, count: number, everyMs: number): Promise<void> {
  for (let sent = 0; sent < count && !socket.destroyed; sent++) {
    socket.write("x");
    await sleep(everyMs);
  }
}

const HEAD = "HTTP/1.1 200 OK\r\n";

test.each<{ name: string; cause: string; reason?: string; behave: (socket: Socket) => void }>([
  { name: "accepts and never answers", cause: "timeout", behave: () => undefined },
  { name: "sends half a head", cause: "timeout", behave: (socket) => socket.write("HTTP/1.1 200 OK\r\nconte") },
  { name: "resets before the head", cause: "reset", behave: (socket) => socket.resetAndDestroy() },
  { name: "closes before the head", cause: "reset", behave: (socket) => socket.end() },
  {
    name: "sends interim answers for ever",
    cause: "timeout",
    behave: (socket) => {
      const timer = setInterval(() => socket.write("HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n"), 5);
      socket.on("close", () => clearInterval(timer));
    },
  },
  {
    name: "stalls in the body",
    cause: "stall",
    behave: (socket) => socket.write(`${HEAD}content-length: 9\r\n\r\nhalf`),
  },
  {
    name: "stalls in a chunked body",
    cause: "stall",
    behave: (socket) => socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`),
  },
  {
    name: "resets in the body",
    cause: "reset",
    behave: (socket) => socket.write(`${HEAD}content-length: 9\r\n\r\nhalf`, () => socket.resetAndDestroy()),
  },
  {
    name: "closes before Content-Length is reached",
    cause: "reset",
    behave: (socket) => socket.end(`${HEAD}content-length: 9\r\n\r\nhalf`),
  },
  {
    name: "closes a chunked body without its end",
    cause: "reset",
    behave: (socket) => socket.end(`${HEAD}transfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n`),
  },
  {
    name: "breaks the chunked coding",
    cause: "protocol",
    reason: "UPSTREAM_INVALID",
    behave: (socket) => socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\nzz\r\nhalf\r\n`),
  },
  {
    name: "speaks no HTTP",
    cause: "protocol",
    reason: "UPSTREAM_INVALID",
    behave: (socket) => socket.write("SSH-2.0-OpenSSH\r\n"),
  },
  {
    name: "sends both lengths",
    cause: "protocol",
    reason: "UPSTREAM_INVALID",
    behave: (socket) => socket.write(`${HEAD}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`),
  },
  {
    name: "sends two different lengths",
    cause: "protocol",
    reason: "UPSTREAM_INVALID",
    behave: (socket) => socket.write(`${HEAD}content-length: 4\r\ncontent-length: 5\r\n\r\nhalfx`),
  },
  {
    name: "sends a huge head",
    cause: "protocol",
    reason: "UPSTREAM_INVALID",
    behave: (socket) => socket.write(`${HEAD}x: ${"y".repeat(100_000)}\r\n\r\n`),
  },
])("an upstream that $name: $cause", async ({ cause, behave, reason = "UPSTREAM_UNAVAILABLE" }) => {
  bench = openTestUpstream();
  const { url } = await bench.serve((socket) => behave(socket));
  expect(await failure(bench.read(url))).toMatchObject({ reason, facts: { cause } });
});

test("a drip below the minimum rate is cut, however regular", async () => {
  bench = openTestUpstream({ rateWindowMs: 100 });
  const server = await bench.serve((socket) => {
    socket.write(`${HEAD}content-length: 100000\r\n\r\n`);
    void drip(socket, 1_000, 10);
  });
  expect(await failure(bench.read(server.url))).toMatchObject({
    facts: { cause: "stall" },
    message: expect.stringContaining("1024 bytes a second"),
  });
});

test("a body that stays above every other limit ends with the total deadline", async () => {
  bench = openTestUpstream({ minimumBytesPerSecond: 1, totalDeadlineMs: { document: 300, file: 300, query: 300 } });
  const server = await bench.serve((socket) => {
    socket.write(`${HEAD}content-length: 100000\r\n\r\n`);
    void drip(socket, 1_000, 10);
  });
  expect(await failure(bench.read(server.url))).toMatchObject({
    reason: "UPSTREAM_UNAVAILABLE",
    facts: { cause: "deadline" },
  });
});

test("a slow reader breaks nothing", async () => {
  bench = openTestUpstream({ rateWindowMs: 50 });
  const body = "y".repeat(3_000_000);
  const server = await bench.serve((socket) => respond(socket, 200, {}, body));
  const response = await bench.get(server.url);
  let length = 0;
  let pauses = 0;
  for await (const chunk of response.body) {
    length += chunk.length;
    if (pauses++ < 3) await sleep(200);
  }
  expect(length).toBe(body.length);
});

test("refused connection", async () => {
  bench = openTestUpstream();
  const server = await bench.serve(() => undefined);
  await server.close();
  expect(await failure(bench.read(server.url))).toMatchObject({
    reason: "UPSTREAM_UNAVAILABLE",
    facts: { cause: "connect" },
  });
});

test("a resolver that never answers", async () => {
  bench = openTestUpstream({ lookup: () => new Promise(() => undefined) });
  expect(await failure(bench.read("http://silent.example/"))).toMatchObject({
    facts: { cause: "timeout" },
    message: expect.stringContaining("accept a connection"),
  });
});

test.each([
  ["ENOTFOUND", "dns"],
  ["EAI_AGAIN", "dns"],
])("a resolver that fails with %s: %s", async (code, cause) => {
  bench = openTestUpstream({ lookup: async () => Promise.reject(Object.assign(new Error(code), { code })) });
  expect(await failure(bench.read("http://gone.example/"))).toMatchObject({
    reason: "UPSTREAM_UNAVAILABLE",
    facts: { cause },
  });
});

test("a name without addresses", async () => {
  bench = openTestUpstream({ lookup: async () => [] });
  expect(await failure(bench.read("http://empty.example/"))).toMatchObject({ facts: { cause: "dns" } });
});

test("a dead first address costs a moment, not the request", async () => {
  const addresses = [
    { address: "::1", family: 6 },
    { address: "127.0.0.1", family: 4 },
  ];
  bench = openTestUpstream({ lookup: async () => addresses, timeoutMs: 5_000 });
  const server = await bench.serve((socket) => respond(socket, 200, {}, "x"));
  expect((await bench.read(`http://both.example:${server.port}/`)).text).toBe("x");
});

test("what comes after Content-Length is no part of the body, and the connection is not used again", async () => {
  bench = openTestUpstream();
  const server = await bench.serve((socket) =>
    socket.write(`${HEAD}content-length: 4\r\n\r\nfourHTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged`),
  );
  expect((await bench.read(server.url)).text).toBe("four");
  expect((await bench.read(server.url)).text).toBe("four");
  expect(server.connections()).toBe(2);
});

test("a kept connection that was closed under a GET is replaced once", async () => {
  bench = openTestUpstream();
  const server = await bench.serve((socket, _, count) => {
    if (count === 2) socket.destroy();
    else respond(socket, 200, {}, `answer ${count}`);
  });
  expect((await bench.read(server.url)).text).toBe("answer 1");
  expect((await bench.read(server.url)).text).toBe("answer 3");
  expect(server.connections()).toBe(2);
});

test("a POST is not sent twice", async () => {
  bench = openTestUpstream();
  const server = await bench.serve((socket) => socket.destroy());
  const request = { method: "POST", body: Buffer.from("{}"), pathClass: "query" } as const;
  expect(await failure(bench.read(server.url, request))).toMatchObject({ facts: { cause: "reset" } });
  expect(server.heads).toHaveLength(1);
});

test("the caller's signal ends a request with its own reason, and says nothing about the upstream", async () => {
  bench = openTestUpstream({ timeoutMs: 5_000 });
  const server = await bench.serve((socket, _, count) => {
    if (count === 2) socket.write(`${HEAD}content-length: 9\r\n\r\nhalf`);
  });
  const reason = Object.assign(new Error("the client left"), { code: "LEFT" });
  for (const when of ["before the head", "in the body", "before it starts"]) {
    const controller = new AbortController();
    if (when === "before it starts") controller.abort(reason);
    else setTimeout(() => controller.abort(reason), 50);
    expect(await failure(bench.read(server.url, { signal: controller.signal })), when).toBe(reason);
  }
  expect(bench.upstream.status()).toMatchObject([{ breaker: "closed", failures: 0 }]);
});

test("a discarded body frees its slot, and one that nobody reads is ended by the deadline", async () => {
  bench = openTestUpstream({ concurrencyPerOrigin: 1, totalDeadlineMs: { document: 1_000, file: 200, query: 200 } });
  const server = await bench.serve((socket) => respond(socket, 200, {}, "z".repeat(500_000)));
  await (await bench.get(server.url)).discard();
  await bench.get(server.url, { pathClass: "file" });
  expect((await bench.read(server.url)).text).toHaveLength(500_000);
});

test("a body is read once: a second reader is told, not given an empty body", async () => {
  bench = openTestUpstream();
  const server = await bench.serve((socket) => respond(socket, 200, {}, "x"));
  const { response } = await bench.read(server.url);
  expect(await failure(Array.fromAsync(response.body))).toMatchObject({
    message: expect.stringContaining("read once"),
  });
});

test("closing breaks what runs", async () => {
  bench = openTestUpstream({ timeoutMs: 5_000 });
  const server = await bench.serve((socket) =>
    socket.write(`${HEAD}content-length: 9\r\n\r\nhalf`, () => void bench.upstream.close()),
  );
  expect(await failure(bench.read(server.url))).toMatchObject({
    reason: "UPSTREAM_UNAVAILABLE",
    facts: { cause: "closed" },
  });
  expect(await failure(bench.read(server.url))).toMatchObject({ reason: "UPSTREAM_UNAVAILABLE" });
});
