import type { Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { respond } from "./hostile-server.ts";
import { openTestUpstream, type RequestChanges, type TestUpstream } from "./test-upstream.ts";

let bench: TestUpstream;
afterEach(() => bench.close());

const OK = (socket: Socket) => respond(socket, 200, {}, "x");
const HALF = "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf";

function outcome(url: string, changes?: RequestChanges): Promise<string> {
  return bench.read(url, changes).then(
    ({ response }) => String(response.status),
    (error) => error.facts?.cause ?? error.message,
  );
}

test.each<{ name: string; behave: (socket: Socket) => void; failures: string[] }>([
  { name: "one hang", behave: () => undefined, failures: ["timeout"] },
  { name: "three answers of 500", behave: (socket) => respond(socket, 500), failures: ["status", "status", "status"] },
  { name: "three resets", behave: (socket) => socket.resetAndDestroy(), failures: ["reset", "reset", "reset"] },
  { name: "two stalled bodies", behave: (socket) => socket.write(HALF), failures: ["stall", "stall"] },
  { name: "three cut bodies", behave: (socket) => socket.end(HALF), failures: ["reset", "reset", "reset"] },
  {
    name: "three times no HTTP",
    behave: (socket) => socket.write("nonsense\r\n\r\n"),
    failures: ["protocol", "protocol", "protocol"],
  },
])("opens after $name, then refuses without asking", async ({ behave, failures }) => {
  bench = openTestUpstream();
  let isUp = false;
  const server = await bench.serve((socket) => (isUp ? OK(socket) : behave(socket)));
  for (const cause of failures) expect(await outcome(server.url)).toBe(cause);
  const asked = server.heads.length;
  expect(await outcome(server.url)).toBe("breaker");
  expect(await outcome(`${server.url}other`)).toBe("breaker");
  await expect(bench.get(server.url)).rejects.toMatchObject({
    reason: "UPSTREAM_UNAVAILABLE",
    facts: { retryAfterSeconds: "1" },
  });
  expect(server.heads).toHaveLength(asked);
  expect(bench.upstream.status()).toMatchObject([{ breaker: "open", failures: failures.length }]);

  isUp = true;
  bench.advance(1_000);
  expect(await outcome(server.url)).toBe("200");
  expect(bench.upstream.status()).toMatchObject([{ breaker: "closed" }]);
  expect(bench.lines.map((line) => JSON.parse(line).message)).toEqual([
    "upstream breaker opened",
    "upstream breaker closed",
  ]);
});

test("an outage costs one time-out a probe, with one probe at a time", async () => {
  bench = openTestUpstream();
  const server = await bench.serve(() => undefined);
  expect(await outcome(server.url)).toBe("timeout");
  bench.advance(1_000);
  const several = await Promise.all(Array.from({ length: 5 }, () => outcome(server.url)));
  expect(several.sort()).toEqual(["breaker", "breaker", "breaker", "breaker", "timeout"]);
  expect(server.heads).toHaveLength(2);
  bench.advance(1_999);
  expect(await outcome(server.url)).toBe("breaker");
  bench.advance(1);
  expect(await outcome(server.url)).toBe("timeout");
});

test("broken files do not stop documents, and a broken origin does not stop another", async () => {
  bench = openTestUpstream();
  const server = await bench.serve((socket, head) => head.includes("/file") || OK(socket));
  const other = await bench.serve(OK);
  expect(await outcome(`${server.url}file`, { pathClass: "file" })).toBe("timeout");
  expect(await outcome(`${server.url}file`, { pathClass: "file" })).toBe("breaker");
  expect(await outcome(server.url)).toBe("200");
  expect(await outcome(other.url, { pathClass: "file" })).toBe("200");
});

test("definite answers, refusals and odd statuses close it and reset the count", async () => {
  bench = openTestUpstream();
  const statuses = [500, 500, 404, 500, 500, 401, 500, 500, 400, 500, 500, 200];
  const server = await bench.serve((socket, _, count) => respond(socket, statuses[count - 1] ?? 200));
  for (let index = 0; index < statuses.length; index++) expect(await outcome(server.url)).not.toBe("breaker");
  expect(server.heads).toHaveLength(statuses.length);
});

test("a CDN that fails behind a redirect opens its own breaker only", async () => {
  bench = openTestUpstream({ allowedAddresses: ["127.0.0.0/8"] });
  const cdn = await bench.serve(() => undefined);
  const server = await bench.serve((socket, head) =>
    head.includes("/file") ? respond(socket, 302, { location: cdn.url }) : OK(socket),
  );
  expect(await outcome(`${server.url}file`)).toBe("timeout");
  expect(await outcome(`${server.url}file`)).toBe("breaker");
  expect(cdn.heads).toHaveLength(1);
  expect(await outcome(server.url)).toBe("200");
});

test("a forbidden destination is no failure of the upstream", async () => {
  bench = openTestUpstream();
  const server = await bench.serve(OK);
  for (let time = 0; time < 4; time++)
    expect(await outcome(server.url, { access: { trusted: false } })).toBe("address");
  expect(await outcome(server.url)).toBe("200");
});

test("requests that wait in line are refused as soon as the first one has failed", async () => {
  bench = openTestUpstream({ concurrencyPerOrigin: 2 });
  const server = await bench.serve(() => undefined);
  const causes = await Promise.all(Array.from({ length: 20 }, () => outcome(server.url)));
  expect(causes.filter((cause) => cause === "breaker")).toHaveLength(18);
  expect(server.heads).toHaveLength(2);
});

test("counters and metrics tell what went out", async () => {
  bench = openTestUpstream();
  const server = await bench.serve((socket, _, count) => (count === 1 ? OK(socket) : socket.end(HALF)));
  await outcome(server.url);
  await outcome(server.url);
  expect(bench.upstream.status()).toEqual([
    { origin: server.url.slice(0, -1), pathClass: "document", breaker: "closed", requests: 2, failures: 1 },
  ]);
  const text = await bench.metricsText();
  expect(text).toContain('larder_upstream_requests_total{path_class="document",outcome="2xx"} 2');
  expect(text).toContain('larder_upstream_requests_total{path_class="document",outcome="broken body"} 1');
  expect(text).toContain('larder_upstream_bytes_total{path_class="document"} 5');
});

test("a connection that is lost while the upstream answers others is asked for again, and no outage", async () => {
  bench = openTestUpstream();
  let lost = 0;
  const server = await bench.serve((socket, head) => {
    if (head.includes("/lost") && lost++ === 0) return;
    OK(socket);
  });
  const first = outcome(`${server.url}lost`);
  await expect.poll(() => lost).toBe(1);
  expect(await outcome(`${server.url}other`)).toBe("200");
  expect(await first).toBe("200");
  expect(bench.upstream.status()).toMatchObject([{ breaker: "closed" }]);
});

test("names are resolved once for many connections, and again a moment later", async () => {
  let lookups = 0;
  const lookup = async () => {
    lookups += 1;
    return [{ address: "127.0.0.1", family: 4 }];
  };
  bench = openTestUpstream({ lookup });
  const server = await bench.serve(OK);
  const url = server.url.replace("127.0.0.1", "many.example");
  await Promise.all(Array.from({ length: 8 }, () => outcome(url)));
  expect(lookups).toBe(1);
  bench.advance(5_000);
  await Promise.all(Array.from({ length: 16 }, () => outcome(url)));
  expect(lookups).toBe(2);
});

test("a machine without sockets is no outage of the upstream", async () => {
  let isFull = true;
  const lookup = async () => {
    if (isFull) throw Object.assign(new Error("too many open files"), { code: "EMFILE" });
    return [{ address: "127.0.0.1", family: 4 }];
  };
  bench = openTestUpstream({ lookup });
  const server = await bench.serve(OK);
  const url = server.url.replace("127.0.0.1", "full.example");
  for (let time = 0; time < 8; time++) expect(await outcome(url)).toBe("busy");
  isFull = false;
  expect(await outcome(url)).toBe("200");
});
