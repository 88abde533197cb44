import { randomBytes, randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Database, openDatabase } from "#internal/database/database.ts";
import { formats } from "#internal/format/formats.ts";
import { openJetStreamQueue } from "#internal/queue/jetstream/jetstream-queue.ts";
import type { Queue } from "#internal/queue/queue.ts";
import { createLogger } from "#internal/telemetry/logger.ts";
import { createMetrics } from "#internal/telemetry/metrics.ts";
import { emptyDatabase, type TestDatabase } from "../../test/services/database.ts";
import { type NatsServer, natsUrl, startNatsServer } from "../../test/services/nats-server.ts";
import { FakeUpstream, indexOf } from "./fake-upstream.ts";
import { createIndexer, type Indexer } from "./indexer.ts";
import { ANN, someRepository } from "./indexer-bench.ts";

/** Nobody looks for tasks that did not ring: what runs has been rung for. */
const PERIODS = { firstRetryMs: 5, relayMs: 50, pollMs: 600_000, reapMs: 600_000, scheduleMs: 600_000 };
const WITHIN = { timeout: 60_000, interval: 50 };
const secretKey = randomBytes(32);

let source: TestDatabase;
let asking: Database;
let working: Database;
let upstream: FakeUpstream;
const stops: (() => Promise<void>)[] = [];

beforeEach(async () => {
  source = await emptyDatabase();
  asking = await openDatabase({ url: source.url, secretKey });
  working = await openDatabase({ url: source.url, secretKey });
  upstream = new FakeUpstream();
  upstream.index = indexOf("nginx 1.0.0", "redis 1.0.0");
});
afterEach(async () => {
  for (const stop of stops.splice(0).toReversed()) await stop();
  await asking.close();
  await working.close();
  await source.drop();
});

async function openQueue(url: string, streamName: string): Promise<Queue> {
  const queue = await openJetStreamQueue({ url, streamName, retryDelayMs: 5 });
  stops.push(() => queue.close());
  return queue;
}

function startIndexer(queue: Queue, workerId: string): Indexer {
  const indexer = createIndexer({
    ...working,
    ...{ queue, formats, workerId, fetchIndex: upstream.fetch, periods: PERIODS },
    logger: createLogger({ level: "silent" }),
    metrics: createMetrics(),
  });
  // The first look finds what is due without a ring: nothing is, yet.
  indexer.start();
  stops.push(() => indexer.stop());
  return indexer;
}

async function request(count: number): Promise<void> {
  for (let n = 0; n < count; n++) {
    const { id } = await asking.repositories.create(someRepository({ id: `charts-${randomUUID().slice(0, 8)}` }), ANN);
    await asking.tasks.request(id, { packages: [], force: false, actor: ANN });
  }
}

const statesOf = async () => await asking.tasks.countByState();

test("a task that one process asks for is worked on in another, by the doorbell of the run's broker", async () => {
  startIndexer(await openQueue(natsUrl(), `test-${randomUUID()}`), "worker-1");
  await request(3);
  await expect.poll(statesOf, WITHIN).toEqual({ SUCCEEDED: 3 });
  expect(upstream.asked).toHaveLength(3);
});

test("a broker that is killed in the middle loses no task", async () => {
  const server: NatsServer = await startNatsServer();
  stops.push(() => server.stop());
  const streamName = `test-${randomUUID()}`;
  for (const workerId of ["worker-1", "worker-2"]) startIndexer(await openQueue(server.url, streamName), workerId);
  const { asked, answer } = upstream.hold();
  await request(8);
  await asked;
  // Some tasks are being worked on, some have rung and wait, and some are asked for while nobody can ring.
  await server.kill();
  await request(8);
  answer();
  await server.restart();
  await request(4);
  await expect.poll(statesOf, WITHIN).toEqual({ SUCCEEDED: 20 });
  expect(upstream.asked).toHaveLength(20);
  expect(await asking.tasks.pendingRings(100)).toEqual([]);
  const { items } = await asking.tasks.list({ pageSize: 100 });
  expect(items.map(({ attempt }) => attempt)).toEqual(Array(20).fill(1));
});
