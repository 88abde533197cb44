import { Piscina } from "piscina";
import { Fault } from "#internal/fault/fault.ts";
import { type Derivation, type Derived, derive } from "./derive.ts";
import type { WorkerAnswer } from "./derive-worker.ts";

/** Derives documents: small ones here, large ones in worker threads, so that the event loop never stops for one. */
export interface Deriver {
  derive(derivation: Derivation, sourceBytes: number): Promise<Derived>;
  close(): Promise<void>;
}

/** About 2 ms of parsing and compressing; less than what handing it to another thread costs. */
const INLINE_BYTES = 64 * 1024;
/** A document beyond this heap fails as LIMIT_EXCEEDED in its own thread. */
const WORKER_HEAP_MB = 2048;

export function createDeriver(threads: number): Deriver {
  let pool: Piscina | undefined;
  const start = (): Piscina =>
    new Piscina({
      filename: new URL("./derive-worker.ts", import.meta.url).href,
      minThreads: 0,
      maxThreads: threads,
      idleTimeout: 30_000,
      resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
    });

  return {
    async derive(derivation, sourceBytes) {
      if (sourceBytes <= INLINE_BYTES) return derive(derivation);
      pool ??= start();
      const answer = await runIn(pool, derivation);
      if ("derived" in answer) return answer.derived;
      throw new Fault(answer.fault.reason, answer.fault.message, { ...answer.fault.facts });
    },
    async close() {
      await pool?.destroy();
    },
  };
}

async function runIn(pool: Piscina, derivation: Derivation): Promise<WorkerAnswer> {
  try {
    return await pool.run(derivation);
  } catch (error) {
    if ((error as { code?: string }).code === "ERR_WORKER_OUT_OF_MEMORY") {
      throw new Fault(
        "LIMIT_EXCEEDED",
        `${derivation.url} needs more memory than a document may`,
        {},
        { cause: error },
      );
    }
    throw error;
  }
}
