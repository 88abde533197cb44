import { type Exchange, originOf } from "./exchange.ts";
import type { UpstreamRequest } from "./upstream.ts";
import { upstreamFault } from "./upstream-fault.ts";

/** Longest life of a request by path class: waiting, redirects and body together. */
export type DeadlinesMs = Readonly<Record<UpstreamRequest["pathClass"], number>>;

/** Aborts what takes longer than its deadline. */
export function endingInTime(exchange: Exchange, deadlinesMs: DeadlinesMs): Exchange {
  return async (request) => {
    const deadlineMs = deadlinesMs[request.pathClass];
    const deadline = new AbortController();
    const timer = setTimeout(() => {
      const problem = `was not done within ${deadlineMs} ms`;
      deadline.abort(upstreamFault("UPSTREAM_UNAVAILABLE", originOf(request), { cause: "deadline", problem }));
    }, deadlineMs);
    const signal = request.signal ? AbortSignal.any([request.signal, deadline.signal]) : deadline.signal;
    try {
      const answer = await exchange({ ...request, signal });
      void answer.settled.then(() => clearTimeout(timer));
      return answer;
    } catch (error) {
      clearTimeout(timer);
      throw error;
    }
  };
}
