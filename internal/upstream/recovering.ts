import type { Circuit, Circuits } from "./circuits.ts";
import { type Exchange, originOf } from "./exchange.ts";
import type { UpstreamRequest } from "./upstream.ts";

/** Runs something once, so many milliseconds later; the result cancels it. */
export type After = (ms: number, run: () => void) => () => void;

/** The wrapped exchange, and the end of what it does by itself. */
export interface Recovering {
  readonly exchange: Exchange;
  stop(): void;
}

export interface RecoveringOptions {
  readonly circuits: Circuits;
  readonly nowMs: () => number;
  readonly after: After;
}

/** Who has not asked for so long does not wait for the upstream to be back. */
const QUIET_MS = 600_000;
/** A probe may be refused although its breaker would let it pass: its origin asked for a pause, or has too many waiting. */
const LEAST_PAUSE_MS = 1_000;

/**
 * Asks again by itself, whenever an open breaker would let a probe pass, what was asked last: that an upstream is back is known before the
 * next client comes. Goes on until it answers, or nobody has asked for ten minutes.
 */
export function recovering(exchange: Exchange, { circuits, nowMs, after }: RecoveringOptions): Recovering {
  const asked = new WeakMap<Circuit, { readonly request: UpstreamRequest; readonly atMs: number }>();
  const timers = new Map<Circuit, () => void>();
  let stopped = false;

  const watch = (circuit: Circuit): void => {
    if (stopped || timers.has(circuit) || circuit.breaker.state() === "closed") return;
    timers.set(
      circuit,
      after(Math.max(LEAST_PAUSE_MS, circuit.breaker.refusesForMs() ?? 0), () => {
        timers.delete(circuit);
        void probe(circuit);
      }),
    );
  };

  const probe = async (circuit: Circuit): Promise<void> => {
    const last = asked.get(circuit);
    if (!last || circuit.breaker.state() === "closed" || nowMs() - last.atMs > QUIET_MS) return;
    try {
      const answer = await exchange(probeOf(last.request));
      await answer.discard();
    } catch {
      // The breaker has been told, and a client's probe may have been first.
    }
    watch(circuit);
  };

  return {
    async exchange(request) {
      const circuit = circuits.of(originOf(request), request.pathClass);
      asked.set(circuit, { request, atMs: nowMs() });
      try {
        const answer = await exchange(request);
        void answer.settled.then(() => watch(circuit));
        return answer;
      } catch (error) {
        watch(circuit);
        throw error;
      }
    },
    stop() {
      stopped = true;
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}

/** What was asked, without acting twice (POST), and of a file no more than its first byte. */
function probeOf({ url, headers, pathClass, access }: UpstreamRequest): UpstreamRequest {
  const { "if-range": _, ...asked } = headers;
  return {
    ...{ method: "GET", url, pathClass, access },
    headers: pathClass === "file" ? { ...asked, range: "bytes=0-0" } : asked,
  };
}

/** By the real clock; does not keep the process alive. */
export const afterReally: After = (ms, run) => {
  const timer = setTimeout(run, ms).unref();
  return () => clearTimeout(timer);
};
