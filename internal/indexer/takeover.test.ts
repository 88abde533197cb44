import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { type Database, openDatabase } from "#internal/database/database.ts";
import { formats } from "#internal/format/formats.ts";
import { createMemoryQueue } from "#internal/queue/memory/memory-queue.ts";
import { hasEnded } from "#internal/repository/index-task.ts";
import { createLogger } from "#internal/telemetry/logger.ts";
import { createMetrics } from "#internal/telemetry/metrics.ts";
import { emptyDatabase, type TestDatabase } from "../../test/services/database.ts";
import { createIndexer, type Indexer } from "./indexer.ts";
import { ANN, someRepository } from "./indexer-bench.ts";
import { CHART_COUNT, chartIndex } from "./takeover-index.ts";

const WORKER = fileURLToPath(new URL("./takeover-worker.ts", import.meta.url));
const secretKey = randomBytes(32);
let source: TestDatabase;
let database: Database;
let doomed: ChildProcess | undefined;
let indexer: Indexer | undefined;

beforeAll(async () => {
  source = await emptyDatabase();
  database = await openDatabase({ url: source.url, secretKey });
});
afterEach(async () => {
  doomed?.kill("SIGKILL");
  await indexer?.stop();
});
afterAll(async () => {
  await database.close();
  await source.drop();
});

test.each([
  { chunks: 0, packagesLeft: 250 },
  { chunks: 1, packagesLeft: 150 },
  { chunks: 2, packagesLeft: 50 },
  { chunks: 3, packagesLeft: 0 },
])(
  "a worker that is killed after $chunks chunks is taken over, with the same result",
  async ({ chunks, packagesLeft }) => {
    const { id, uid } = await database.repositories.create(someRepository({ id: `charts-${chunks}` }), ANN);
    const task = await database.tasks.request(id, { packages: [], force: false, actor: ANN });
    await killWorkerAfter(chunks);
    expect(await database.tasks.get(task.id)).toMatchObject({ state: "WORKING", attempt: 1 });

    const applied = startWorker();
    await expect.poll(async () => hasEnded(await database.tasks.get(task.id)), { timeout: 15_000 }).toBe(true);
    const ended = await database.tasks.get(task.id);
    expect(ended).toMatchObject({ state: "SUCCEEDED", attempt: 2, cause: "" });
    expect(ended.counts).toEqual({
      seen: CHART_COUNT,
      added: CHART_COUNT,
      updated: 0,
      removed: 0,
      skipped: 0,
      failed: 0,
    });
    expect(await database.catalog.countListed(uid)).toBe(CHART_COUNT);
    expect(applied()).toBe(packagesLeft);
  },
);

/** Starts a worker process and ends it by SIGKILL when it stands in the middle of the task. */
async function killWorkerAfter(chunks: number): Promise<void> {
  const child = spawn(process.execPath, [WORKER, source.url, secretKey.toString("hex"), String(chunks)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  doomed = child;
  const [said] = await once(child.stdout, "data");
  expect(String(said)).toBe("stuck\n");
  child.kill("SIGKILL");
  await once(child, "exit");
}

/** Starts a worker in this process; the answer tells how many packages it has applied. */
function startWorker(): () => number {
  let applied = 0;
  indexer = createIndexer({
    repositories: database.repositories,
    tasks: database.tasks,
    catalog: {
      ...database.catalog,
      apply: (lease, leaseMs, uid, packages) => {
        applied += packages.length;
        return database.catalog.apply(lease, leaseMs, uid, packages);
      },
    },
    queue: createMemoryQueue(),
    formats,
    fetchIndex: async () => chartIndex(),
    logger: createLogger({ level: "error" }),
    metrics: createMetrics(),
    workerId: "successor",
    periods: { reapMs: 50, relayMs: 50 },
  });
  indexer.start();
  return () => applied;
}
