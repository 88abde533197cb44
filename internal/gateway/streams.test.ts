import { once } from "node:events";
import { readdir, readlink } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { testRepository } from "#internal/mirror/test-mirror.ts";
import type { PathBehaviour } from "../../test/fixtures/behaviour.ts";
import { type Fixtures, startFixtures } from "../../test/fixtures/start-fixtures.ts";
import { openTestGateway, type TestGateway } from "./test-gateway.ts";

const FILE = "/raw/files/2m.bin";
const LARGE = "/raw/files/20m.bin";

let fixtures: Fixtures;
let gateway: TestGateway;
let content: Buffer;
beforeAll(async () => {
  fixtures = await startFixtures();
  content = fixtures.raw.site.bytesOf("/files/2m.bin");
});
afterAll(() => fixtures.stop());
beforeEach(async () => {
  const { npm, helm, raw } = fixtures;
  gateway = await openTestGateway([
    testRepository("npm", npm.upstream.url),
    testRepository("helm", helm.upstream.url),
    testRepository("raw", raw.upstream.url),
  ]);
});
afterEach(async () => {
  await gateway.close();
  for (const { upstream } of [fixtures.npm, fixtures.helm, fixtures.raw]) {
    await upstream.behave("normal");
    upstream.clearRequests();
  }
});

const RANGES = [
  { range: "bytes=0-9", start: 0, end: 10 },
  { range: "bytes=1000000-1000099", start: 1_000_000, end: 1_000_100 },
  { range: "bytes=2097000-", start: 2_097_000, end: 2_097_152 },
  { range: "bytes=-100", start: 2_097_052, end: 2_097_152 },
  { range: "bytes=2097000-9999999", start: 2_097_000, end: 2_097_152 },
];

describe.each([
  { state: "stored", prepare: () => gateway.send(FILE) },
  {
    state: "still growing",
    prepare: () => fixtures.raw.upstream.behaveFor("/files/2m.bin", { mode: "slow", bytesPerSecond: 20_000_000 }),
  },
])("ranges of a file that is $state", ({ prepare }) => {
  test.each(RANGES)("$range", async ({ range, start, end }) => {
    await prepare();
    const { status, headers, body } = await gateway.send(FILE, { headers: { range } });
    expect([status, headers["content-range"], headers["content-length"]]).toEqual([
      206,
      `bytes ${start}-${end - 1}/2097152`,
      String(end - start),
    ]);
    expect(body.equals(content.subarray(start, end))).toBe(true);
    expect(fixtures.raw.upstream.requests.map((request) => request.headers.range)).toEqual([undefined]);
  });

  test("beyond the end is 416 with the size", async () => {
    await prepare();
    const { status, headers } = await gateway.send(FILE, { headers: { range: "bytes=2097152-" } });
    expect([status, headers["content-range"], headers["x-cache"]]).toEqual([416, "bytes */2097152", "BYPASS"]);
  });
});

test.each([
  { name: "its tag", condition: (headers: Record<string, string | undefined>) => headers.etag, want: 206 },
  { name: "its date", condition: (headers: Record<string, string | undefined>) => headers["last-modified"], want: 206 },
  { name: "another tag", condition: () => '"other"', want: 200 },
  { name: "a weak tag", condition: (headers: Record<string, string | undefined>) => `W/${headers.etag}`, want: 200 },
])("If-Range with $name is $want", async ({ condition, want }) => {
  const { headers } = await gateway.sendTwice(FILE);
  const { status } = await gateway.send(FILE, { headers: { range: "bytes=0-9", "if-range": condition(headers) } });
  expect(status).toBe(want);
});

test.each([{ range: "bytes=0-1,5-6" }, { range: "bytes=9-5" }, { range: "bytes=-" }, { range: "items=0-1" }])(
  "$range is no range that we cut: the whole file",
  async ({ range }) => {
    const { status, body } = await gateway.send("/raw/files/1k.bin", { headers: { range } });
    expect([status, body.length]).toEqual([200, 1_024]);
  },
);

test("a range of HEAD is no range", async () => {
  const { status, headers } = await gateway.send(FILE, { method: "HEAD", headers: { range: "bytes=0-9" } });
  expect([status, headers["content-length"]]).toEqual([200, "2097152"]);
});

describe("a fetch that fails", () => {
  const BIG = "/npm/larder-big/-/larder-big-1.0.0.tgz";
  beforeAll(() => {
    let noise = "";
    for (let value = 1; noise.length < 400_000; value = (value * 48_271) % 2_147_483_647) noise += value.toString(36);
    fixtures.npm.site.publish("larder-big", "1.0.0", { files: { "noise.txt": noise } });
  });

  test.each<{ name: string; behaviour: PathBehaviour }>([
    { name: "other bytes", behaviour: "wrongBytes" },
    { name: "a clean end too early", behaviour: "short" },
    { name: "a cut connection", behaviour: { mode: "truncate", afterBytes: 100_000 } },
    { name: "a pause without end", behaviour: { mode: "stall", afterBytes: 100_000 } },
    { name: "no end", behaviour: "unterminated" },
  ])("$name: the client never gets a whole answer, and the next one does", async ({ behaviour }) => {
    fixtures.npm.upstream.behaveFor("/larder-big/-/", behaviour);
    const outcome = await gateway.send(BIG).then(
      ({ status }) => status,
      () => "cut",
    );
    // In words when it failed before the first bytes were sent.
    expect(["cut", 502, 504]).toContain(outcome);
    await fixtures.npm.upstream.behave("normal");
    // What stalled twice is not asked for a second.
    gateway.advance(1_000);
    const { status, body } = await gateway.send(BIG);
    const { tarball } = fixtures.npm.site.packages.get("larder-big")?.versions.get("1.0.0") ?? {};
    expect([status, body.equals(tarball ?? Buffer.alloc(0))]).toEqual([200, true]);
  });

  test("after the first bytes were sent: the connection is cut", async () => {
    fixtures.npm.upstream.behaveFor("/larder-big/-/", { mode: "stall", afterBytes: 100_000 });
    const response = await gateway.begin(BIG);
    expect(response.statusCode).toBe(200);
    await expect(response.toArray()).rejects.toThrow();
    expect(await gateway.metrics.text()).toMatch(/larder_requests_total\{verdict="none",status="2xx"\} 1/);
  });

  test("before the first bytes were due: a refusal in words", async () => {
    fixtures.npm.upstream.behaveFor("/larder-left/-/", "wrongBytes");
    const { status, reasonPhrase, headers, text } = await gateway.send("/npm/larder-left/-/larder-left-1.0.0.tgz");
    expect([status, headers["retry-after"], headers["x-cache"]]).toEqual([502, "5", "MISS"]);
    expect(reasonPhrase).toContain("the index announces");
    expect(JSON.parse(text).reason).toBe("DIGEST_MISMATCH");
    expect(gateway.events).toHaveLength(1);
  });
});

describe("clients", () => {
  test("many on one cold file get the same bytes from one fetch", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => gateway.send(FILE)));
    expect(answers.every(({ status, body }) => status === 200 && body.equals(content))).toBe(true);
    expect(fixtures.raw.upstream.requestCount()).toBe(1);
    const joined = answers.filter(({ headers }) => headers["cache-status"]?.includes("collapsed"));
    expect(joined.length).toBeGreaterThan(0);
  });

  test("one that reads nothing holds nobody back, one that leaves leaves nothing behind", async () => {
    const before = await openFiles();
    const slow = await gateway.begin(LARGE);
    const leaver = await gateway.begin(LARGE);
    leaver.destroy();
    const { body } = await gateway.send(LARGE);
    expect(body.length).toBe(20_971_520);
    slow.destroy();
    const warm = await gateway.begin(LARGE);
    warm.destroy();
    await vi.waitFor(async () => expect(await openFiles()).toEqual(before));
    expect(gateway.mirror.flights()).toBe(0);
  });

  test("one that reads slowly gets every byte", async () => {
    const response = await gateway.begin(LARGE);
    let bytes = 0;
    for await (const chunk of response) {
      bytes += chunk.length;
      if (bytes % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(bytes).toBe(20_971_520);
  });
});

describe("closing", () => {
  test("what is under way ends, then its connection, and nothing new begins", async () => {
    fixtures.raw.upstream.behaveFor("/files/2m.bin", { mode: "slow", bytesPerSecond: 10_000_000 });
    const socket = await gateway.dial();
    let receivedBytes = 0;
    socket.on("data", (chunk) => {
      receivedBytes += chunk.length;
    });
    socket.write(`GET ${FILE} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await once(socket, "data");
    const ended = once(socket, "close");
    const closed = gateway.server.close(3_600_000);
    await expect(gateway.dial()).rejects.toThrow();
    await Promise.all([closed, ended]);
    expect(receivedBytes).toBeGreaterThan(2_097_152);
  });

  test("a connection that waits for its next request is let go", async () => {
    const socket = await gateway.dial();
    socket.write("GET /raw/files/1k.bin HTTP/1.1\r\nHost: x\r\n\r\n");
    await once(socket, "data");
    const ended = once(socket.resume(), "close");
    await gateway.server.close(3_600_000);
    await ended;
  });

  test("what does not end in time is cut", async () => {
    await fixtures.raw.upstream.behave({ mode: "slow", bytesPerSecond: 200_000 });
    const response = await gateway.begin(FILE);
    const body = response.toArray();
    await Promise.all([expect(body).rejects.toThrow(), gateway.server.close(50)]);
  });
});

/** Blobs and temporary files that this process holds open. */
async function openFiles(): Promise<string[]> {
  const names = await readdir("/proc/self/fd");
  const targets = await Promise.all(names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")));
  return targets.filter((target) => /\/(?:blobs|tmp)\/[^/]*/.test(target) && target.includes("larder-mirror-")).sort();
}
