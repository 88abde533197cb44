import type { Fault } from "#internal/fault/fault.ts";
import { type Exchange, originOf } from "./exchange.ts";
import type { UpstreamRequest } from "./upstream.ts";
import { upstreamFault } from "./upstream-fault.ts";

interface Slots {
  used: number;
  readonly waiting: Set<() => void>;
}

const MOST_WAITING = 2_000;

/**
 * At most `concurrency` exchanges per origin and path class, bodies included, so that documents never wait for downloads.
 * More wait in line, and give up with their signal.
 */
export function limiting(exchange: Exchange, concurrency: number): Exchange {
  const lines = new Map<string, Slots>();

  async function acquire(key: string, { url, signal }: UpstreamRequest): Promise<void> {
    const slots = lines.get(key) ?? { used: 0, waiting: new Set() };
    lines.set(key, slots);
    if (slots.used < concurrency) return void slots.used++;
    if (slots.waiting.size >= MOST_WAITING) {
      throw busy(originOf({ url }));
    }
    await waitInLine(slots, signal);
  }

  function release(key: string): void {
    const slots = lines.get(key);
    if (slots === undefined) return;
    const [next] = slots.waiting;
    // The slot goes on to the next one.
    if (next !== undefined) next();
    else if (--slots.used === 0) lines.delete(key);
  }

  return async (request) => {
    const key = `${request.pathClass} ${originOf(request)}`;
    await acquire(key, request);
    try {
      const answer = await exchange(request);
      void answer.settled.then(() => release(key));
      return answer;
    } catch (error) {
      release(key);
      throw error;
    }
  };
}

function busy(origin: string): Fault {
  const problem = "has too many requests waiting";
  return upstreamFault("UPSTREAM_UNAVAILABLE", origin, { cause: "busy", problem, retryAfterSeconds: 5 });
}

function waitInLine({ waiting }: Slots, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const leave = () => {
      waiting.delete(go);
      reject(signal?.reason);
    };
    const go = () => {
      waiting.delete(go);
      signal?.removeEventListener("abort", leave);
      resolve();
    };
    if (signal?.aborted) return reject(signal.reason);
    signal?.addEventListener("abort", leave, { once: true });
    waiting.add(go);
  });
}
