import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import { type Database, openDatabase } from "#internal/database/database.ts";
import type { NewRepository } from "#internal/database/repository-changes.ts";
import { formats } from "#internal/format/formats.ts";
import { createMemoryQueue } from "#internal/queue/memory/memory-queue.ts";
import type { Queue } from "#internal/queue/queue.ts";
import { hasEnded, type IndexTask } from "#internal/repository/index-task.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { createLogger } from "#internal/telemetry/logger.ts";
import { createMetrics } from "#internal/telemetry/metrics.ts";
import { FakeUpstream } from "./fake-upstream.ts";
import { createIndexer, type Indexer, type IndexerDeps } from "./indexer.ts";

export const ANN = "users/ann";
/** Short, so that a test need not wait. */
export const PERIODS = { firstRetryMs: 5, relayMs: 10, pollMs: 20, reapMs: 20, scheduleMs: 20, leaseMs: 60_000 };
const ENDS_WITHIN_MS = 15_000;

/** An indexer on a new SQLite database for each test of the file. */
export class IndexerBench {
  readonly database: Database;
  readonly queue: Queue = createMemoryQueue({ retryDelayMs: 5 });
  readonly upstream = new FakeUpstream();
  private indexer: Indexer | undefined;

  constructor(database: Database) {
    this.database = database;
  }

  start(fields: Partial<IndexerDeps> = {}): Indexer {
    this.indexer = createIndexer({
      ...this.database,
      queue: this.queue,
      formats,
      fetchIndex: this.upstream.fetch,
      logger: createLogger({ level: "silent" }),
      metrics: createMetrics(),
      workerId: "worker-1",
      periods: PERIODS,
      ...fields,
    });
    this.indexer.start();
    return this.indexer;
  }

  newRepository(fields: Parameters<typeof someRepository>[0] = {}): Promise<Repository> {
    return this.database.repositories.create(someRepository(fields), ANN);
  }

  /** Asks for a run, and waits for its end. */
  async run({ id }: Repository, request: { packages?: string[]; force?: boolean } = {}): Promise<IndexTask> {
    const { packages = [], force = false } = request;
    const task = await this.database.tasks.request(id, { packages, force, actor: ANN });
    return this.ended(task.id);
  }

  async ended(taskId: string): Promise<IndexTask> {
    const { tasks } = this.database;
    await expect.poll(async () => hasEnded(await tasks.get(taskId)), { timeout: ENDS_WITHIN_MS }).toBe(true);
    return tasks.get(taskId);
  }

  /** What is listed: versions by package. */
  async catalogue({ uid }: Repository): Promise<Record<string, string[]>> {
    const { catalog } = this.database;
    const { items } = await catalog.listPackages(uid, { pageSize: 1_000 });
    const entries = items.map(async ({ name }) => {
      const versions = await catalog.listVersions(uid, name, { pageSize: 1_000 });
      return [name, versions.items.map(({ version }) => version)] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }

  async stop(): Promise<void> {
    await this.indexer?.stop();
  }
}

/** A new bench for each test of the file; the answer is that of the running one. */
export function useIndexerBench(): () => IndexerBench {
  let folder: string;
  let bench: IndexerBench;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "larder-indexer-"));
    const url = `sqlite:${join(folder, "larder.db")}`;
    bench = new IndexerBench(await openDatabase({ url, secretKey: randomBytes(32) }));
  });
  afterEach(async () => {
    await bench.stop();
    await bench.queue.close();
    await bench.database.close();
    await rm(folder, { recursive: true, force: true });
  });
  return () => bench;
}

/** A Helm repository with what the test wants to be different. */
export function someRepository(fields: Partial<NewRepository> = {}): NewRepository {
  return {
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
  };
}
