import { type Exchange, originOf } from "./exchange.ts";
import type { After } from "./recovering.ts";
import type { UpstreamRequest } from "./upstream.ts";

export interface PacingOptions {
  /** Per origin; that many may also leave at once after a pause. Undefined: no limit. */
  readonly requestsPerSecond: number | undefined;
  readonly nowMs: () => number;
  readonly after: After;
}

const BURST_MS = 1_000;
const MOST_ORIGINS = 1_000;

/** A token bucket per origin: whoever comes too early waits for a turn, in the order of coming, and gives up with the request's signal. */
export function pacing(exchange: Exchange, { requestsPerSecond, nowMs, after }: PacingOptions): Exchange {
  if (requestsPerSecond === undefined) return exchange;
  const intervalMs = 1_000 / requestsPerSecond;
  /** When the next request to the origin would be due, had all before kept the interval. */
  const dueAtMs = new Map<string, number>();

  const takeTurn = (origin: string): number => {
    const now = nowMs();
    const turnMs = Math.max(dueAtMs.get(origin) ?? 0, now - BURST_MS + intervalMs);
    if (dueAtMs.size >= MOST_ORIGINS) forgetPast(dueAtMs, now);
    dueAtMs.set(origin, turnMs + intervalMs);
    return turnMs - now;
  };

  return async (request) => {
    const waitMs = takeTurn(originOf(request));
    if (waitMs > 0) await waiting(waitMs, request, after);
    return exchange(request);
  };
}

/** What is due in the past says no more than an origin that is not there. */
function forgetPast(dueAtMs: Map<string, number>, now: number): void {
  for (const [origin, dueMs] of dueAtMs) if (dueMs <= now - BURST_MS) dueAtMs.delete(origin);
}

function waiting(waitMs: number, { signal }: UpstreamRequest, after: After): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const leave = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = after(waitMs, () => {
      signal?.removeEventListener("abort", leave);
      resolve();
    });
    signal?.addEventListener("abort", leave, { once: true });
  });
}
