import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Database } from "#internal/database/database.ts";
import { formats } from "#internal/format/formats.ts";
import { createFetchIndex } from "#internal/indexer/ask-upstream.ts";
import { createIndexer } from "#internal/indexer/indexer.ts";
import type { Queue } from "#internal/queue/queue.ts";
import type { Upstream } from "#internal/upstream/upstream.ts";
import { createAccessOf } from "./open-mirror.ts";
import type { Foundation } from "./process-life.ts";

/** Starts this process's index workers. */
export function openIndexer(
  { configuration, logger, metrics, onStop }: Foundation,
  parts: Pick<Database, "repositories" | "catalog" | "tasks"> & { readonly queue: Queue; readonly upstream: Upstream },
): void {
  const { repositories, upstream } = parts;
  const { documentMaxBytes, indexConcurrency } = configuration;
  const indexer = createIndexer({
    ...parts,
    formats,
    fetchIndex: createFetchIndex({ upstream, accessOf: createAccessOf(repositories), documentMaxBytes }),
    logger,
    metrics,
    workerId: `${hostname()}-${process.pid}-${randomUUID().slice(0, 8)}`,
    concurrency: indexConcurrency,
  });
  indexer.start();
  onStop(() => indexer.stop());
}
