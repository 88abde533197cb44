import type { Configuration } from "#internal/config/configuration.ts";
import type { Logger } from "#internal/telemetry/logger.ts";
import { createMetrics, type Metrics } from "#internal/telemetry/metrics.ts";

/** What every part of a process is built with. */
export interface Foundation {
  readonly configuration: Configuration;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Registers a server: it takes nothing new from the signal on. All drain at once, while what they stand on still works. */
  onDrain(drain: () => Promise<void>): void;
  /** Registers what must end after the servers; the last registered ends first. */
  onStop(stop: () => Promise<void>): void;
  /** Registers a condition of /readyz and of the health service. */
  onHealth(name: string, healthy: () => Promise<boolean> | boolean): void;
  /** All registered conditions, now; `process` is true between the ready line and the signal. */
  health(): Promise<Readonly<Record<string, boolean>>>;
}

export type Phase = "starting" | "ready" | "stopping";

/** One process from its start to its end. */
export interface ProcessLife {
  readonly foundation: Foundation;
  phase(): Phase;
  /** Everything listens. False: it was asked to stop before. */
  becomeReady(): boolean;
  /** Resolves when every part has ended; one that fails does not keep the others. */
  stop(): Promise<void>;
}

export function createLife(configuration: Configuration, logger: Logger): ProcessLife {
  let phase: Phase = "starting";
  const drains: (() => Promise<void>)[] = [];
  const stops: (() => Promise<void>)[] = [];
  const conditions = new Map<string, () => Promise<boolean> | boolean>([["process", () => phase === "ready"]]);

  const end = (part: () => Promise<void>): Promise<void> =>
    part().catch((error: unknown) => logger.error("a part did not stop well", { error }));

  return {
    foundation: {
      configuration,
      logger,
      metrics: createMetrics(),
      onDrain: (drain) => void drains.push(drain),
      onStop: (stop) => void stops.push(stop),
      onHealth: (name, healthy) => void conditions.set(name, healthy),
      health: async () =>
        Object.fromEntries(
          await Promise.all([...conditions].map(async ([name, isHealthy]) => [name, await holds(isHealthy)] as const)),
        ),
    },
    phase: () => phase,
    becomeReady() {
      if (phase === "starting") phase = "ready";
      return phase === "ready";
    },
    async stop() {
      phase = "stopping";
      await Promise.all(drains.splice(0).map(end));
      for (let last = stops.pop(); last !== undefined; last = stops.pop()) await end(last);
    },
  };
}

/** A condition that cannot be asked does not hold. */
async function holds(isHealthy: () => Promise<boolean> | boolean): Promise<boolean> {
  try {
    return await isHealthy();
  } catch {
    return false;
  }
}
