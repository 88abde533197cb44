import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Database, openDatabase } from "#internal/database/database.ts";
import { Fault } from "#internal/fault/fault.ts";
import { formats } from "#internal/format/formats.ts";
import { createMemoryQueue } from "#internal/queue/memory/memory-queue.ts";
import type { Queue } from "#internal/queue/queue.ts";
import type { IndexTask } from "#internal/repository/index-task.ts";
import { hasEnded } from "#internal/repository/index-task.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { createLogger } from "#internal/telemetry/logger.ts";
import { createMetrics } from "#internal/telemetry/metrics.ts";
import type { FetchedIndex, FetchIndex } from "./fetch-index.ts";
import { createIndexer, type Indexer, type IndexerDeps } from "./indexer.ts";

const ANN = "users/ann";
const PERIODS = { firstRetryMs: 5, relayMs: 10, pollMs: 20, reapMs: 20, scheduleMs: 20, leaseMs: 60_000 };

let folder: string;
let database: Database;
let queue: Queue;
let upstream: FakeUpstream;
let indexer: Indexer | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "larder-indexer-"));
  database = await openDatabase({ url: `sqlite:${join(folder, "larder.db")}`, secretKey: randomBytes(32) });
  queue = createMemoryQueue({ retryDelayMs: 5 });
  upstream = new FakeUpstream();
  indexer = undefined;
});
afterEach(async () => {
  await indexer?.stop();
  await queue.close();
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

/** Answers with what the test has put there. */
class FakeUpstream {
  index = "";
  faults: unknown[] = [];
  asked: Parameters<FetchIndex>[2][] = [];
  /** Resolves before each answer. */
  gate: () => Promise<void> = async () => undefined;

  readonly fetch: FetchIndex = async (repository, _format, validators, signal): Promise<FetchedIndex> => {
    this.asked.push(validators);
    await this.gate();
    signal.throwIfAborted();
    const fault = this.faults.shift();
    if (fault) throw fault;
    const etag = `"${createHash("sha256").update(this.index).digest("base64url")}"`;
    if (validators?.etag === etag) return { status: 304 };
    const url = `${repository.upstreamUrl}index.yaml`;
    const body = Buffer.from(this.index);
    return { status: 200, body, contentType: "application/yaml", url, requestedUrl: url, etag, lastModified: "" };
  };
}

function start(fields: Partial<IndexerDeps> = {}): Indexer {
  indexer = createIndexer({
    ...database,
    queue,
    formats,
    fetchIndex: upstream.fetch,
    logger: createLogger({ level: "silent" }),
    metrics: createMetrics(),
    workerId: "worker-1",
    periods: PERIODS,
    ...fields,
  });
  indexer.start();
  return indexer;
}

async function newRepository(fields = {}): Promise<Repository> {
  return database.repositories.create(
    {
      id: "charts",
      format: "helm",
      displayName: "Charts",
      description: "",
      upstreamUrl: "http://registry.example/charts/",
      fileOrigins: [],
      upstreamTrusted: false,
      visibility: "PUBLIC",
      owner: ANN,
      labels: {},
      mode: "PROXY",
      syncIntervalMs: 0,
      metadataTtlMs: undefined,
      state: "ACTIVE",
      ...fields,
    },
    ANN,
  );
}

async function run({ id }: Repository, request: { packages?: string[]; force?: boolean } = {}): Promise<IndexTask> {
  const { packages = [], force = false } = request;
  const task = await database.tasks.request(id, { packages, force, actor: ANN });
  return ended(task.id);
}

async function ended(taskId: string): Promise<IndexTask> {
  await expect.poll(async () => hasEnded(await database.tasks.get(taskId)), { timeout: 15_000 }).toBe(true);
  return database.tasks.get(taskId);
}

async function catalogue({ uid }: Repository): Promise<Record<string, string[]>> {
  const { items } = await database.catalog.listPackages(uid, { pageSize: 1_000 });
  const entries = items.map(async ({ name }) => {
    const versions = await database.catalog.listVersions(uid, name, { pageSize: 1_000 });
    return [name, versions.items.map(({ version }) => version)] as const;
  });
  return Object.fromEntries(await Promise.all(entries));
}

/** An index.yaml as Helm writes it. Names of lines are `name version`, with more fields behind it. */
function indexOf(...entries: string[]): string {
  const byName = Map.groupBy(entries, (entry) => entry.split(" ")[0] ?? "");
  const blocks = [...byName].map(([name, lines]) => {
    const list = lines.map((line) => {
      const [, version = "", digest = "a"] = line.split(" ");
      return `  - name: ${name}\n    version: ${version}\n    digest: ${digest.repeat(64).slice(0, 64)}\n    urls:\n    - ${name}-${version}.tgz\n`;
    });
    return `  ${name}:\n${list.join("")}`;
  });
  return `apiVersion: v1\nentries:${blocks.length === 0 ? " {}" : ""}\n${blocks.join("")}`;
}

const many = (count: number) => Array.from({ length: count }, (_, n) => `chart-${n} 1.0.0`);

describe("a run", () => {
  test("reads an index into the catalogue, newest version first, and tells", async () => {
    start();
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.9.0", "nginx 1.10.0", "nginx 2.0.0-rc.1", "redis 3.0.0");
    const task = await run(charts);
    expect(task).toMatchObject({
      state: "SUCCEEDED",
      counts: { seen: 4, added: 4, updated: 0, removed: 0, skipped: 0, failed: 0 },
      unchanged: false,
      indexDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      attempt: 1,
    });
    expect(await catalogue(charts)).toEqual({ nginx: ["2.0.0-rc.1", "1.10.0", "1.9.0"], redis: ["3.0.0"] });
    const { items } = await database.repositories.listEvents(charts.id, {});
    expect(items[0]).toMatchObject({ type: "INDEXED", facts: { task: task.id, added: "4" } });
  });

  test("of an index that has not changed compares nothing, unless it must", async () => {
    start();
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.0.0");
    await run(charts);
    expect(await run(charts)).toMatchObject({ state: "SUCCEEDED", unchanged: true, counts: { seen: 0 } });
    expect(upstream.asked.at(-1)).toMatchObject({ etag: expect.stringMatching(/^"/) });
    expect(await run(charts, { force: true })).toMatchObject({ unchanged: false, counts: { seen: 1, skipped: 1 } });
    expect(upstream.asked.at(-1)).toBeUndefined();
  });

  test("adds, changes, marks what vanished, and takes it back", async () => {
    start();
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.0.0", "nginx 1.1.0", "redis 1.0.0", "etcd 1.0.0");
    await run(charts);
    upstream.index = indexOf("nginx 1.1.0 b", "nginx 1.2.0", "etcd 1.0.0");
    expect((await run(charts)).counts).toEqual({ seen: 3, added: 1, updated: 1, removed: 2, skipped: 1, failed: 0 });
    expect(await catalogue(charts)).toEqual({ nginx: ["1.2.0", "1.1.0"], etcd: ["1.0.0"] });
    upstream.index = indexOf("nginx 1.0.0", "nginx 1.1.0", "redis 1.0.0", "etcd 1.0.0");
    expect((await run(charts)).counts).toMatchObject({ added: 0, updated: 3, removed: 1, skipped: 1 });
    expect(await catalogue(charts)).toEqual({ nginx: ["1.1.0", "1.0.0"], redis: ["1.0.0"], etcd: ["1.0.0"] });
  });

  test("with one bad version lists the others, keeps what was known of it, and reads it when it is good", async () => {
    start();
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.0.0", "nginx 1.1.0");
    await run(charts);
    const good = indexOf("nginx 1.0.0", "nginx 1.1.0", "nginx 1.2.0");
    upstream.index = good
      .replace("    - nginx-1.0.0.tgz\n", "    []\n")
      .replace("    urls:\n    []\n", "    urls: []\n");
    const task = await run(charts);
    expect(task).toMatchObject({ state: "PARTIAL", counts: { seen: 3, added: 1, removed: 0, failed: 1 } });
    expect((await database.tasks.listIssues(task.id, {})).items).toMatchObject([
      { packageName: "nginx", version: "1.0.0" },
    ]);
    expect(await catalogue(charts)).toEqual({ nginx: ["1.2.0", "1.1.0", "1.0.0"] });
    expect(await database.catalog.countListed(charts.uid)).toBe(3);
    expect(await run(charts)).toMatchObject({ state: "PARTIAL", unchanged: false });
    upstream.index = good;
    expect(await run(charts)).toMatchObject({ state: "SUCCEEDED", counts: { failed: 0, skipped: 3 } });
  });

  test("over some packages touches no other", async () => {
    start();
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.0.0", "redis 1.0.0", "etcd 1.0.0");
    await run(charts);
    upstream.index = indexOf("nginx 2.0.0");
    const task = await run(charts, { packages: ["nginx", "etcd"] });
    expect(task.counts).toMatchObject({ seen: 1, added: 1, removed: 2 });
    expect(await catalogue(charts)).toEqual({ nginx: ["2.0.0"], redis: ["1.0.0"] });
    expect(await run(charts)).toMatchObject({ unchanged: false, counts: { removed: 1 } });
  });

  test("over a large index is read in a thread", async () => {
    start();
    const charts = await newRepository();
    const padding = `    description: "${"x".repeat(2_000)}"\n`;
    const entries = Array.from({ length: 1_000 }, (_, n) => `chart-${n % 100} 1.${n}.0`);
    upstream.index = indexOf(...entries).replaceAll("    urls:\n", `${padding}    urls:\n`);
    expect(upstream.index.length).toBeGreaterThan(1_500_000);
    expect(await run(charts)).toMatchObject({ state: "SUCCEEDED", counts: { seen: 1_000, added: 1_000 } });
  });
});

describe("an upstream that is not well never empties the catalogue", () => {
  test.each([
    { name: "is down", fault: new Fault("UPSTREAM_UNAVAILABLE", "no answer"), attempts: 5, state: "FAILED" },
    { name: "refuses", fault: new Fault("UPSTREAM_REFUSED", "401"), attempts: 1, state: "FAILED" },
    { name: "has no index", fault: new Fault("UPSTREAM_NOT_FOUND", "404"), attempts: 1, state: "FAILED" },
    { name: "is too large", fault: new Fault("LIMIT_EXCEEDED", "large"), attempts: 1, state: "FAILED" },
    { name: "meets a bug", fault: new TypeError("bug"), attempts: 5, state: "FAILED" },
  ])("when it $name", async ({ fault, attempts, state }) => {
    start();
    const charts = await newRepository();
    upstream.index = indexOf(...many(20));
    await run(charts);
    upstream.faults = Array.from({ length: attempts }, () => fault);
    const causeReason = fault instanceof Fault ? fault.reason : "";
    expect(await run(charts)).toMatchObject({
      state,
      attempt: attempts,
      causeReason,
      cause: expect.stringMatching(/./),
    });
    expect(upstream.faults).toEqual([]);
    expect(await database.catalog.countListed(charts.uid)).toBe(20);
    const known = await database.tasks.indexState(charts.uid);
    expect(known).toMatchObject({ lastError: expect.stringMatching(/./), lastSuccessTime: expect.any(Date) });
    await run(charts);
    expect((await database.tasks.indexState(charts.uid)).lastError).toBe("");
  });

  test.each([
    { name: "an empty body", index: "" },
    { name: "a login page", index: "<!doctype html><title>Log in</title>" },
    { name: "an error as JSON", index: '{"error": "try again"}' },
    { name: "half of the index", index: indexOf(...many(20)).slice(0, 40) },
  ])("when it sends $name", async ({ index }) => {
    start();
    const charts = await newRepository();
    upstream.index = indexOf(...many(20));
    await run(charts);
    upstream.index = index;
    const { state } = await run(charts);
    expect(["FAILED", "HELD", "PARTIAL"]).toContain(state);
    expect(await database.catalog.countListed(charts.uid)).toBe(20);
  });

  test.each([
    { name: "lost 95 %", index: indexOf(...many(5)) },
    { name: "is another one", index: indexOf("other 1.0.0", "others 1.0.0") },
    { name: "lists nothing", index: indexOf() },
  ])("when its index $name, the run is held", async ({ index }) => {
    start();
    const charts = await newRepository();
    upstream.index = indexOf(...many(100));
    await run(charts);
    const before = await catalogue(charts);
    upstream.index = index;
    expect(await run(charts)).toMatchObject({ state: "HELD", cause: expect.stringContaining("of 100 known versions") });
    expect(await catalogue(charts)).toEqual(before);
    upstream.index = indexOf(...many(100));
    expect(await run(charts)).toMatchObject({ state: "SUCCEEDED" });
  });

  test("a fault that passes costs an attempt, nothing else", async () => {
    start();
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.0.0");
    upstream.faults = [new Fault("UPSTREAM_UNAVAILABLE", "no answer"), new Fault("UPSTREAM_RATE_LIMITED", "slow down")];
    expect(await run(charts)).toMatchObject({ state: "SUCCEEDED", attempt: 3, cause: "", counts: { added: 1 } });
  });
});

describe("a repository", () => {
  test("whose format has no index cannot be indexed", async () => {
    start();
    expect(await run(await newRepository({ format: "raw" }))).toMatchObject({
      state: "FAILED",
      causeReason: "FORMAT_NOT_INDEXABLE",
    });
  });

  test("that is OFFLINE is not asked", async () => {
    start();
    const charts = await newRepository();
    await database.repositories.setUpstreamMode({ id: charts.id }, "OFFLINE", ANN);
    expect(await run(charts)).toMatchObject({ state: "FAILED", causeReason: "UPSTREAM_OFFLINE" });
    expect(upstream.asked).toEqual([]);
  });

  test("that is deleted during a run gets nothing more", async () => {
    start();
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.0.0");
    const { asked, answer } = holdUpstream();
    const task = await database.tasks.request(charts.id, { packages: [], force: false, actor: ANN });
    await asked;
    await database.repositories.delete(charts.id, { actor: ANN });
    answer();
    expect(await ended(task.id)).toMatchObject({ state: "SUPERSEDED" });
    await indexer?.stop();
    expect(await catalogue(charts)).toEqual({});
  });

  test("that is asked for during a run is run again", async () => {
    start();
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.0.0");
    const { asked, answer } = holdUpstream();
    const task = await database.tasks.request(charts.id, { packages: [], force: false, actor: ANN });
    await asked;
    expect(await database.tasks.request(charts.id, { packages: [], force: true, actor: ANN })).toMatchObject({
      id: task.id,
    });
    answer();
    await ended(task.id);
    const { items } = await database.tasks.list({});
    expect(items).toHaveLength(2);
    expect(await ended(items[0]?.id ?? "")).toMatchObject({ state: "SUCCEEDED", force: true, counts: { skipped: 1 } });
  });

  test("with another upstream is not asked with the validators of the old one", async () => {
    start();
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.0.0");
    await run(charts);
    await database.repositories.update(charts.id, { upstreamUrl: "http://other.example/" }, { actor: ANN });
    await run(charts);
    expect(upstream.asked).toEqual([undefined, undefined]);
  });

  test("with a sync interval is read without being asked for, once", async () => {
    const charts = await newRepository({ syncIntervalMs: 60_000 });
    upstream.index = indexOf("nginx 1.0.0");
    start();
    await expect.poll(() => database.catalog.countListed(charts.uid), { timeout: 15_000 }).toBe(1);
    const { items } = await database.tasks.list({});
    expect(items).toHaveLength(1);
    expect(items[0]?.actor).toBe("system");
  });

  test("of a format without an index is not scheduled", async () => {
    await newRepository({ format: "raw", syncIntervalMs: 60_000 });
    expect(await database.tasks.requestDue(["helm"])).toBe(0);
  });
});

describe("a doorbell", () => {
  test("that never rings costs a poll", async () => {
    const deaf: Queue = {
      ...queue,
      ring: async () => undefined,
      listen: async () => ({ stop: async () => undefined }),
    };
    start({ queue: deaf });
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.0.0");
    expect(await run(charts)).toMatchObject({ state: "SUCCEEDED" });
  });

  test("of a queue that is away stays in the outbox, and the task runs", async () => {
    const away = async () => {
      throw new Fault("QUEUE_UNAVAILABLE", "away");
    };
    start({ queue: { ...queue, ring: away, listen: away } });
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.0.0");
    expect(await run(charts)).toMatchObject({ state: "SUCCEEDED" });
  });

  test("that rings five times has one effect", async () => {
    const eager: Queue = {
      ...queue,
      ring: async (ring) => {
        for (let n = 0; n < 5; n++) await queue.ring({ ...ring, attempt: ring.attempt + n });
      },
    };
    start({ queue: eager, concurrency: 5 });
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.0.0");
    expect(await run(charts)).toMatchObject({ state: "SUCCEEDED", attempt: 1 });
    expect(upstream.asked).toHaveLength(1);
  });

  test("is rung at once when it is nudged, and a worker that stops gives its task back", async () => {
    const first = start({ periods: { ...PERIODS, relayMs: 600_000, pollMs: 600_000 } });
    const charts = await newRepository();
    upstream.index = indexOf("nginx 1.0.0");
    const { asked, answer } = holdUpstream();
    const task = await database.tasks.request(charts.id, { packages: [], force: false, actor: ANN });
    first.nudge();
    await asked;
    const stopped = first.stop();
    answer();
    await stopped;
    expect(await database.tasks.get(task.id)).toMatchObject({ state: "PENDING", attempt: 1 });
    start({ workerId: "worker-2" });
    expect(await ended(task.id)).toMatchObject({ state: "SUCCEEDED", attempt: 2 });
  });
});

/** Makes the upstream wait; `asked` resolves when it is. */
function holdUpstream(): { asked: Promise<void>; answer: () => void } {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<void>();
  upstream.gate = () => {
    asked.resolve();
    return answer.promise;
  };
  return { asked: asked.promise, answer: answer.resolve };
}
