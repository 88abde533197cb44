import { openDatabase } from "#internal/database/database.ts";
import { formats } from "#internal/format/formats.ts";
import { createMemoryQueue } from "#internal/queue/memory/memory-queue.ts";
import { createLogger } from "#internal/telemetry/logger.ts";
import { createMetrics } from "#internal/telemetry/metrics.ts";
import { createIndexer } from "./indexer.ts";
import { chartIndex, TAKEOVER_LEASE_MS } from "./takeover-index.ts";

/**
 * A worker for takeover.test.ts, to be killed: it takes the task that is due, applies some chunks, says "stuck" and does nothing more but
 * beat its heart. Arguments: database URL, secret key in hex, how many chunks.
 */
const [url = "", key = "", chunks = "0"] = process.argv.slice(2);
const database = await openDatabase({ url, secretKey: Buffer.from(key, "hex") });
let left = Number(chunks);

const stuck = async (): Promise<never> => {
  process.stdout.write("stuck\n");
  return new Promise<never>(() => undefined);
};

createIndexer({
  repositories: database.repositories,
  catalog: {
    ...database.catalog,
    apply: async (...args) => (left-- > 0 ? database.catalog.apply(...args) : stuck()),
  },
  tasks: { ...database.tasks, finish: stuck },
  queue: createMemoryQueue(),
  formats,
  fetchIndex: async () => chartIndex(),
  logger: createLogger({ level: "error" }),
  metrics: createMetrics(),
  workerId: `doomed-${process.pid}`,
  periods: { leaseMs: TAKEOVER_LEASE_MS },
}).start();
