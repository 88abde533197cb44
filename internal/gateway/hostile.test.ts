import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { testRepository } from "#internal/mirror/test-mirror.ts";
import { type Fixtures, startFixtures } from "../../test/fixtures/start-fixtures.ts";
import { openTestGateway, type TestGateway } from "./test-gateway.ts";

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
    testRepository("pypi", `${pypi.upstream.url}/simple`),
    testRepository("helm", helm.upstream.url),
    testRepository("raw", raw.upstream.url),
  ]);
});
afterEach(async () => {
  await gateway.close();
  for (const { upstream } of [fixtures.npm, fixtures.pypi, fixtures.helm, fixtures.raw]) upstream.clearRequests();
});

const upstreams = () => [fixtures.npm, fixtures.pypi, fixtures.helm, fixtures.raw].map(({ upstream }) => upstream);

/** As a client that checks nothing sends it. */
async function statusOf(target: string, method = "GET"): Promise<number> {
  const answer = await gateway.exchange(`${method} ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  return Number(/^HTTP\/1\.1 (\d{3}) /.exec(answer)?.[1]);
}

describe.each(["npm", "pypi", "helm", "raw"])("below /%s/", (id) => {
  test.each([
    ...["../npm/larder-left", "%2e%2e/npm/larder-left", "..%2f..%2fetc%2fpasswd", "a/../../etc/passwd", "./x", "%2E/x"],
    ...["a%2f..%2fb", "a%5c..%5cb", "a\\..\\b", "a%00b", "a%0d%0ab", "%", "%zz", "%C0%AE%C0%AE/x", "%ED%A0%80"],
    ...[
      "a//b",
      "/a",
      "a;v=1",
      "a%3fb",
      "a%23b",
      "http://files.example/x",
      "http:%2f%2ffiles.example%2fx",
      "a%252f..%252fb",
    ],
    ...[
      "__proto__",
      "constructor",
      "__proto__/-/__proto__-1.0.0.tgz",
      "@__proto__%2fconstructor",
      "hasOwnProperty/toString",
    ],
    ...[
      "simple/__proto__/",
      "charts/__proto__/1/x.tgz",
      "files/constructor/x-1.whl",
      `${"a".repeat(3_000)}`,
      "\x80\xff",
    ],
  ])("%s is refused, and nothing leaves its repository's upstream", async (path) => {
    expect(await statusOf(`/${id}/${path}`)).toSatisfy((status: number) => status >= 400 && status < 500);
    for (const { url, requests } of upstreams()) {
      const isOwn = url === upstreams()[["npm", "pypi", "helm", "raw"].indexOf(id)]?.url;
      if (!isOwn) expect(requests).toEqual([]);
      // No dot segment, no backslash, no control character goes up, plain or encoded once.
      for (const request of requests)
        expect(request.path).not.toMatch(/(^|\/)\.\.?(\/|$)|\\|%5c|%2e%2e|%[01]|\p{Cc}/iu);
    }
  });
});

test.each([
  { target: `/npm/${"a".repeat(5_000)}`, want: 414 },
  { target: "http://files.example/npm/larder-left", want: 400 },
  { target: "http://x/npm/larder-left", want: 400 },
  { target: "*", want: 400 },
  { target: "//npm/larder-left", want: 404 },
  { target: "/", want: 404 },
  { target: "/npm", want: 404 },
  { target: "/%6epm/larder-left", want: 404 },
  { target: "/NPM/larder-left", want: 404 },
  { target: "/__proto__/x", want: 404 },
  { target: "/repository/repository/npm/larder-left", want: 404 },
])("the target $target is $want", async ({ target, want }) => {
  expect(await statusOf(target)).toBe(want);
  for (const { requests } of upstreams()) expect(requests).toEqual([]);
});

test.each([
  {
    name: "two lengths",
    head: "POST /npm/-/ping HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
  },
  {
    name: "length and chunks",
    head: "POST /npm/-/ping HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  },
  { name: "an obsolete fold", head: "GET /npm/-/ping HTTP/1.1\r\nHost: x\r\nA: b\r\n c\r\n\r\n" },
  { name: "a bare line feed", head: "GET /npm/-/ping HTTP/1.1\nHost: x\n\n" },
  { name: "a blank before the colon", head: "GET /npm/-/ping HTTP/1.1\r\nHost : x\r\n\r\n" },
  { name: "no host", head: "GET /npm/-/ping HTTP/1.1\r\n\r\n" },
  { name: "giant headers", head: `GET /npm/-/ping HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}\r\n\r\n` },
])("$name: 4xx and the connection ends", async ({ head }) => {
  expect(await gateway.exchange(head)).toMatch(/^HTTP\/1\.1 4\d\d /);
});

test("no Host and no forwarding header ever shows in what is sent, now or later", async () => {
  const paths = [
    "/npm/larder-left",
    "/pypi/simple/larder-fixture-core/",
    "/pypi/pypi/larder-fixture-core/json",
    "/helm/index.yaml",
  ];
  const hostile = {
    ...{ host: "canary.example", "x-forwarded-host": "canary.example", "x-forwarded-proto": "canary" },
    ...{
      "x-forwarded-prefix": "/canary",
      forwarded: "host=canary.example",
      "x-original-url": "/canary",
      "x-rewrite-url": "/canary",
    },
  };
  for (const path of [...paths, "/pypi/simple/Foo.Bar_baz/", "/npm/nobody", "/nobody/x"]) {
    const { text, headers } = await gateway.send(path, { headers: hostile });
    expect(text + JSON.stringify(headers)).not.toContain("canary");
  }
  for (const path of paths) {
    const first = await gateway.send(path);
    const other = await openTestGateway([
      testRepository("npm", fixtures.npm.upstream.url),
      testRepository("pypi", `${fixtures.pypi.upstream.url}/simple`),
      testRepository("helm", fixtures.helm.upstream.url),
    ]);
    expect((await other.send(path)).text).toBe(first.text);
    await other.close();
  }
});

test("a name with line breaks and colour codes is one line of JSON in the log, and none in the status line", async () => {
  await fixtures.raw.upstream.behave("stopped");
  await gateway.send("/raw/a%1b%5b31mb");
  await gateway.send("/raw/%E2%80%A8%F0%9F%92%A9");
  await fixtures.raw.upstream.behave("normal");
  expect(gateway.lines.length).toBeGreaterThan(0);
  for (const line of gateway.lines) expect(() => JSON.parse(line)).not.toThrow();
});
