import { type Breaker, createBreaker } from "./breaker.ts";
import type { UpstreamRequest, UpstreamStatus } from "./upstream.ts";

/** Breaker and counters of one origin and path class. */
export interface Circuit {
  readonly origin: string;
  readonly pathClass: UpstreamRequest["pathClass"];
  readonly breaker: Breaker;
  requests: number;
  failures: number;
  /** `Circuits.moment` of the last definite answer. */
  answeredAt: number;
}

export interface Circuits {
  /** Made when it is not there. */
  of(origin: string, pathClass: UpstreamRequest["pathClass"]): Circuit;
  /** Increases with every call: tells what came after what, however coarse the clock. */
  moment(): number;
  /** Whether the origin has answered anything, of any class, after the moment: who answers others is not down. */
  answeredSince(origin: string, moment: number): boolean;
  status(): UpstreamStatus[];
}

/** Redirects may name any number of origins. */
const MOST_CIRCUITS = 1_000;
const CLASSES = ["document", "file", "query"] as const;

export function createCircuits(nowMs: () => number, random: () => number): Circuits {
  const circuits = new Map<string, Circuit>();
  let moments = 0;
  return {
    moment: () => ++moments,
    answeredSince: (origin, moment) =>
      CLASSES.some((pathClass) => (circuits.get(`${pathClass} ${origin}`)?.answeredAt ?? 0) > moment),
    of(origin, pathClass) {
      const key = `${pathClass} ${origin}`;
      const known = circuits.get(key);
      if (known !== undefined) return known;
      if (circuits.size >= MOST_CIRCUITS) forgetOldest(circuits);
      const breaker = createBreaker(nowMs, random);
      const circuit = { origin, pathClass, breaker, requests: 0, failures: 0, answeredAt: 0 };
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
