import { afterEach, expect, test } from "vitest";
import { respond } from "./hostile-server.ts";
import { openTestUpstream, type TestUpstream } from "./test-upstream.ts";

let bench: TestUpstream;
afterEach(() => bench.close());

test.each([200, 201, 203, 206, 404, 410])("%i is a definite answer", async (status) => {
  bench = openTestUpstream();
  const server = await bench.serve((socket) => respond(socket, status, { etag: '"a"', "set-cookie": "a=b" }, "body"));
  const { response, text } = await bench.read(server.url);
  expect(response.status).toBe(status);
  expect(response.headers.etag).toBe('"a"');
  expect(text).toBe("body");
});

test("304 and HEAD have no body, and repeated headers are joined", async () => {
  bench = openTestUpstream();
  const server = await bench.serve((socket, head) => {
    if (head.startsWith("HEAD")) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\nvary: a\r\nvary: b\r\n\r\n");
    else socket.write('HTTP/1.1 304 x\r\netag: "a"\r\n\r\n');
  });
  const notModified = await bench.read(server.url, { headers: { "if-none-match": '"a"' } });
  expect(notModified).toMatchObject({ text: "", response: { status: 304 } });
  const head = await bench.read(server.url, { method: "HEAD" });
  expect(head).toMatchObject({
    text: "",
    response: { status: 200, headers: { vary: "a, b", "content-length": "1000" } },
  });
});

test.each([
  { status: 401, reason: "UPSTREAM_REFUSED" },
  { status: 403, reason: "UPSTREAM_REFUSED" },
  { status: 407, reason: "UPSTREAM_REFUSED" },
  { status: 429, reason: "UPSTREAM_RATE_LIMITED" },
  { status: 500, reason: "UPSTREAM_UNAVAILABLE" },
  { status: 502, reason: "UPSTREAM_UNAVAILABLE" },
  { status: 503, reason: "UPSTREAM_UNAVAILABLE" },
  { status: 504, reason: "UPSTREAM_UNAVAILABLE" },
  { status: 599, reason: "UPSTREAM_UNAVAILABLE" },
  { status: 300, reason: "UPSTREAM_INVALID" },
  { status: 400, reason: "UPSTREAM_INVALID" },
  { status: 418, reason: "UPSTREAM_INVALID" },
  { status: 451, reason: "UPSTREAM_INVALID" },
])("$status is $reason", async ({ status, reason }) => {
  bench = openTestUpstream();
  const server = await bench.serve((socket) =>
    respond(socket, status, { "www-authenticate": "Basic" }, "an error page"),
  );
  await expect(bench.get(server.url)).rejects.toMatchObject({
    reason,
    facts: { status: String(status), cause: "status" },
  });
});

test("a failure whose own body hangs is told at once", async () => {
  // With this time-out, waiting for the body would end the test first.
  bench = openTestUpstream({ timeoutMs: 60_000 });
  const server = await bench.serve((socket) => socket.write("HTTP/1.1 500 x\r\ncontent-length: 9\r\n\r\nhalf"));
  await expect(bench.get(server.url)).rejects.toMatchObject({ facts: { status: "500" } });
});

test("a held origin is not asked until its time has come; another origin is", async () => {
  bench = openTestUpstream();
  const busy = await bench.serve((socket, _, count) =>
    count === 1 ? respond(socket, 429, { "retry-after": "30" }) : respond(socket, 200),
  );
  const other = await bench.serve((socket) => respond(socket, 200));
  await expect(bench.get(busy.url)).rejects.toMatchObject({
    reason: "UPSTREAM_RATE_LIMITED",
    facts: { retryAfterSeconds: "30" },
  });
  bench.advance(10_000);
  await expect(bench.get(busy.url, { pathClass: "file" })).rejects.toMatchObject({
    reason: "UPSTREAM_RATE_LIMITED",
    facts: { retryAfterSeconds: "20" },
  });
  expect(busy.heads).toHaveLength(1);
  expect((await bench.read(other.url)).response.status).toBe(200);
  bench.advance(20_001);
  expect((await bench.read(busy.url)).response.status).toBe(200);
});

test.each([
  { retryAfter: "99999999999", heldSeconds: 3_600 },
  { retryAfter: "-5", heldSeconds: 1 },
  { retryAfter: "Thu, 01 Jan 1970 00:00:00 GMT", heldSeconds: 1 },
  { retryAfter: "soon", heldSeconds: 5 },
])("Retry-After: $retryAfter holds for $heldSeconds s", async ({ retryAfter, heldSeconds }) => {
  bench = openTestUpstream();
  const server = await bench.serve((socket) => respond(socket, 429, { "retry-after": retryAfter }));
  await expect(bench.get(server.url)).rejects.toMatchObject({ facts: { retryAfterSeconds: String(heldSeconds) } });
  bench.advance(heldSeconds * 1_000 - 1);
  await expect(bench.get(server.url)).rejects.toMatchObject({ facts: { retryAfterSeconds: "1" } });
  expect(server.heads).toHaveLength(1);
  bench.advance(2);
  await expect(bench.get(server.url)).rejects.toMatchObject({ reason: "UPSTREAM_RATE_LIMITED" });
  expect(server.heads).toHaveLength(2);
});

test("503 with Retry-After holds, 503 without one does not", async () => {
  bench = openTestUpstream();
  const server = await bench.serve((socket, _, count) =>
    respond(socket, 503, count === 2 ? { "retry-after": "7" } : {}),
  );
  await expect(bench.get(server.url)).rejects.toMatchObject({ reason: "UPSTREAM_UNAVAILABLE" });
  await expect(bench.get(server.url)).rejects.toMatchObject({
    reason: "UPSTREAM_RATE_LIMITED",
    facts: { retryAfterSeconds: "7" },
  });
  await expect(bench.get(server.url)).rejects.toMatchObject({ reason: "UPSTREAM_RATE_LIMITED" });
  expect(server.heads).toHaveLength(2);
});
