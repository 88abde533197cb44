import { isFault } from "#internal/fault/fault.ts";
import { type Exchange, originOf } from "./exchange.ts";
import { upstreamFault } from "./upstream-fault.ts";

/** Which origins asked for a pause, and until when. */
export interface Holds {
  /** @throws Fault UPSTREAM_RATE_LIMITED while the origin is held */
  check(origin: string): void;
  hold(origin: string, seconds: number): void;
}

const MOST_HOLDS = 1_000;

export function createHolds(nowMs: () => number): Holds {
  const untilMs = new Map<string, number>();
  return {
    check(origin) {
      const waitMs = (untilMs.get(origin) ?? 0) - nowMs();
      if (waitMs <= 0) {
        untilMs.delete(origin);
        return;
      }
      const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1_000));
      throw upstreamFault("UPSTREAM_RATE_LIMITED", origin, {
        cause: "status",
        problem: "asked for a pause",
        retryAfterSeconds,
      });
    },
    hold(origin, seconds) {
      const [oldest] = untilMs.keys();
      if (untilMs.size >= MOST_HOLDS && oldest !== undefined) untilMs.delete(oldest);
      untilMs.set(origin, Math.max(nowMs() + seconds * 1_000, untilMs.get(origin) ?? 0));
    },
  };
}

/** Leaves an origin alone for as long as its 429 or 503 asked for (retry-after.ts clamps it). */
export function holding(exchange: Exchange, holds: Holds): Exchange {
  return async (request) => {
    const origin = originOf(request);
    holds.check(origin);
    try {
      return await exchange(request);
    } catch (error) {
      if (isFault(error, "UPSTREAM_RATE_LIMITED")) holds.hold(origin, Number(error.facts.retryAfterSeconds));
      throw error;
    }
  };
}
