import { isFault } from "#internal/fault/fault.ts";
import { type Metrics, statusClass } from "#internal/telemetry/metrics.ts";
import type { Exchange } from "./exchange.ts";

/** Counts what really went to an upstream: outcomes, time to the headers, and bytes. */
export function measuring(exchange: Exchange, metrics: Metrics, nowMs: () => number): Exchange {
  return async (request) => {
    const startMs = nowMs();
    const count = (outcome: string) => metrics.countUpstreamRequest(request.pathClass, outcome, nowMs() - startMs);
    try {
      const answer = await exchange(request);
      count(statusClass(answer.status));
      void answer.settled.then(({ receivedBytes, outcome }) => {
        metrics.countUpstreamBytes(request.pathClass, receivedBytes);
        if (outcome === "broken") count("broken body");
      });
      return answer;
    } catch (error) {
      count(isFault(error) ? error.reason : "aborted");
      throw error;
    }
  };
}
