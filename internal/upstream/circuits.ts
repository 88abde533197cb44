import { type Breaker, createBreaker } from "./breaker.ts";
import type { UpstreamRequest, UpstreamStatus } from "./upstream.ts";

/** Breaker and counters of one origin and path class. */
export interface Circuit {
  readonly origin: string;
  readonly pathClass: UpstreamRequest["pathClass"];
  readonly breaker: Breaker;
  requests: number;
  failures: number;
}

export interface Circuits {
  /** Made when it is not there. */
  of(origin: string, pathClass: UpstreamRequest["pathClass"]): Circuit;
  status(): UpstreamStatus[];
}

/** Redirects may name any number of origins. */
const MOST_CIRCUITS = 1_000;

export function createCircuits(nowMs: () => number, random: () => number): Circuits {
  const circuits = new Map<string, Circuit>();
  return {
    of(origin, pathClass) {
      const key = `${pathClass} ${origin}`;
      const known = circuits.get(key);
      if (known !== undefined) return known;
      if (circuits.size >= MOST_CIRCUITS) forgetOldest(circuits);
      const circuit = { origin, pathClass, breaker: createBreaker(nowMs, random), requests: 0, failures: 0 };
      circuits.set(key, circuit);
      return circuit;
    },
    status: () =>
      [...circuits.values()].map(({ origin, pathClass, breaker, requests, failures }) => {
        return { origin, pathClass, breaker: breaker.state(), requests, failures };
      }),
  };
}

/** A closed breaker holds no knowledge that matters; without one, the oldest goes. */
function forgetOldest(circuits: Map<string, Circuit>): void {
  const [oldest] = circuits.keys();
  const closed = [...circuits].find(([, { breaker }]) => breaker.state() === "closed")?.[0];
  circuits.delete(closed ?? oldest ?? "");
}
