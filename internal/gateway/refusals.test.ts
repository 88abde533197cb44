import { gzipSync } from "node:zlib";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { testRepository } from "#internal/mirror/test-mirror.ts";
import type { Behaviour } from "../../test/fixtures/behaviour.ts";
import { type Fixtures, startFixtures } from "../../test/fixtures/start-fixtures.ts";
import { openTestGateway, type TestGateway, TOKEN } from "./test-gateway.ts";

const BULK = "/npm/-/npm/v1/security/advisories/bulk";

let fixtures: Fixtures;
let gateway: TestGateway;
beforeAll(async () => {
  fixtures = await startFixtures();
});
afterAll(() => fixtures.stop());
beforeEach(async () => {
  const { npm, pypi, helm, raw } = fixtures;
  gateway = await openTestGateway([
    testRepository("npm", npm.upstream.url),
    testRepository("npm", npm.upstream.url, { id: "hidden", visibility: "PRIVATE" }),
    testRepository("npm", npm.upstream.url, { id: "inside", visibility: "INTERNAL" }),
    testRepository("npm", npm.upstream.url, { id: "offline", upstreamMode: "OFFLINE" }),
    testRepository("pypi", `${pypi.upstream.url}/simple`),
    testRepository("helm", helm.upstream.url),
    testRepository("raw", raw.upstream.url),
  ]);
});
afterEach(async () => {
  await gateway.close();
  for (const { upstream } of [fixtures.npm, fixtures.pypi, fixtures.helm, fixtures.raw]) {
    await upstream.behave("normal");
    upstream.clearRequests();
  }
});

test.each<{ outage: string; behaviour: Behaviour; want: number; retryAfter?: string }>([
  { outage: "stopped", behaviour: "stopped", want: 503 },
  { outage: "hanging", behaviour: "hang", want: 504 },
  { outage: "stalled", behaviour: { mode: "stall", afterBytes: 10 }, want: 504 },
  { outage: "resetting", behaviour: "reset", want: 502 },
  { outage: "failing", behaviour: { mode: "status", code: 500 }, want: 502 },
  { outage: "refusing us", behaviour: { mode: "status", code: 401 }, want: 502 },
  { outage: "forbidding", behaviour: { mode: "status", code: 403 }, want: 502 },
  { outage: "a login page", behaviour: "html", want: 502 },
  {
    outage: "busy",
    behaviour: { mode: "status", code: 429, headers: { "retry-after": "17" } },
    want: 503,
    retryAfter: "17",
  },
])("upstream $outage: $want, when to come back, and why", async ({ behaviour, want, retryAfter = "5" }) => {
  await fixtures.npm.upstream.behave(behaviour);
  const { status, headers, reasonPhrase, text } = await gateway.send("/npm/larder-left");
  expect([status, headers["retry-after"], headers["x-cache"]]).toEqual([want, retryAfter, "MISS"]);
  expect(headers["cache-status"]).toBe(`larder; fwd=miss; detail=${JSON.parse(text).reason}`);
  expect(headers["cache-control"]).toBe("no-store");
  expect(headers["www-authenticate"]).toBeUndefined();
  expect(JSON.parse(text).error.slice(0, 120)).toBe(reasonPhrase);
});

test("while the breaker is open: 503 and its time", async () => {
  await fixtures.npm.upstream.behave("hang");
  await gateway.send("/npm/larder-left");
  const { status, headers } = await gateway.send("/npm/larder-greet");
  expect([status, headers["retry-after"]]).toEqual([503, "1"]);
});

test("OFFLINE says so", async () => {
  const { status, reasonPhrase } = await gateway.send("/offline/larder-left");
  expect([status, reasonPhrase]).toEqual([504, expect.stringContaining("offline by an operator's choice")]);
});

test.each([
  { path: "/npm/nobody", type: "application/json", body: /^\{"error":"the upstream does not have nobody"/ },
  {
    path: "/pypi/simple/nobody/",
    type: "application/problem+json",
    body: /"detail":"the upstream does not have [^"]+"/,
  },
  {
    path: "/helm/charts/a/1.0.0/a-1.0.0.tgz",
    type: "text/plain; charset=utf-8",
    body: /not listed in the upstream's index/,
  },
  { path: "/raw/nothing", type: "text/plain; charset=utf-8", body: /^the upstream does not have nothing\n$/ },
  { path: "/nobody/x", type: "application/problem+json", body: /"reason":"REPOSITORY_NOT_FOUND"/ },
])("$path is refused in the words of its clients", async ({ path, type, body }) => {
  const { status, headers, text, reasonPhrase } = await gateway.send(path);
  expect([status, headers["content-type"]]).toEqual([404, type]);
  expect(text).toMatch(body);
  expect(reasonPhrase).not.toBe("Not Found");
});

describe("who may see what", () => {
  test.each([{ id: "hidden" }, { id: "inside" }])("$id answers as one that is not there", async ({ id }) => {
    for (const path of ["", "larder-left", "larder-left/-/larder-left-1.0.0.tgz", "-/whoami", "%zz", "-/v1/search"]) {
      const [known, unknown] = [await gateway.send(`/${id}/${path}`), await gateway.send(`/absent/${path}`)];
      const alike = ({ status, reasonPhrase, headers, text }: typeof known, name: string) =>
        JSON.stringify({
          status,
          reasonPhrase,
          headers: { ...headers, date: "", "content-length": "" },
          text,
        }).replaceAll(name, "*");
      expect(alike(known, id)).toBe(alike(unknown, "absent"));
    }
    expect(fixtures.npm.upstream.requestCount()).toBe(0);
  });

  test("what was fetched by somebody who may is not sent to one who may not", async () => {
    const headers = { authorization: `Basic ${Buffer.from(`anybody:${TOKEN}`).toString("base64")}` };
    expect((await gateway.send("/hidden/larder-left", { headers })).status).toBe(200);
    expect((await gateway.send("/hidden/larder-left")).status).toBe(404);
  });

  test.each(["Bearer wrong", "Basic d3Jvbmc6d3Jvbmc=", "Digest x", "Bearer"])(
    "%s is 401 everywhere",
    async (authorization) => {
      for (const path of ["/npm/larder-left", "/hidden/larder-left", "/absent/x"]) {
        const { status, headers } = await gateway.send(path, { headers: { authorization } });
        expect([status, headers["www-authenticate"]]).toEqual([401, expect.stringContaining("Basic")]);
      }
    },
  );
});

describe("request bodies", () => {
  test.each([
    { name: "8 MB and more, announced", body: Buffer.alloc(8 * 1024 * 1024 + 1), headers: {}, want: 413 },
    {
      name: "a bomb",
      body: gzipSync(Buffer.alloc(64 * 1024 * 1024)),
      headers: { "content-encoding": "gzip" },
      want: 413,
    },
    { name: "no gzip", body: Buffer.from("no"), headers: { "content-encoding": "gzip" }, want: 400 },
    { name: "another coding", body: Buffer.from("no"), headers: { "content-encoding": "br" }, want: 400 },
  ])("$name: $want", async ({ body, headers, want }) => {
    expect((await gateway.send(BULK, { method: "POST", body, headers })).status).toBe(want);
    expect(fixtures.npm.upstream.requestCount()).toBe(0);
  });

  test("chunks without end are refused when they are too many", async () => {
    const chunk = `10000\r\n${"x".repeat(0x10000)}\r\n`;
    const head = `POST ${BULK} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n`;
    expect(await gateway.exchange(head + chunk.repeat(130))).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe("methods", () => {
  test.each(["DELETE", "PUT", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])("%s is 405", async (method) => {
    const { status, headers } = await gateway.send("/npm/larder-left", { method });
    expect([status, headers.allow]).toEqual([405, "GET, HEAD, POST"]);
  });

  test("CONNECT ends the connection", async () => {
    const answer = await gateway.exchange("CONNECT files.example:443 HTTP/1.1\r\nHost: files.example:443\r\n\r\n");
    expect(answer).not.toMatch(/^HTTP\/1\.1 2/);
  });
});
