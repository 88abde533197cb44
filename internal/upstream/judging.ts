import type { Fault } from "#internal/fault/fault.ts";
import { type Answer, type Exchange, originOf } from "./exchange.ts";
import { retryAfterSeconds } from "./retry-after.ts";
import { upstreamFault } from "./upstream-fault.ts";

/** 429 without a Retry-After that can be read. */
const DEFAULT_RETRY_AFTER_SECONDS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const REFUSALS: ReadonlySet<number> = new Set([401, 403, 407]);
const DEFINITE: ReadonlySet<number> = new Set([304, 404, 410]);

/** Lets definite answers and redirects pass, and turns every other status into its Fault. */
export function judging(exchange: Exchange): Exchange {
  return async (request) => {
    const answer = await exchange(request);
    const fault = faultOf(answer, originOf(request));
    if (fault === undefined) return answer;
    // Not waited for: the body of a failure may fail too.
    void answer.discard();
    throw fault;
  };
}

/** True for a status that names another place in `location`. */
export function isRedirect(status: number): boolean {
  return REDIRECTS.has(status);
}

function faultOf({ status, headers }: Answer, origin: string): Fault | undefined {
  if ((status >= 200 && status < 300) || DEFINITE.has(status) || isRedirect(status)) return undefined;
  const problem = `answered ${status}`;
  if (REFUSALS.has(status)) {
    return upstreamFault("UPSTREAM_REFUSED", origin, {
      cause: "status",
      status,
      problem: `${problem}: is its credential right?`,
    });
  }
  const wait = retryAfterSeconds(headers["retry-after"], headers.date);
  if (status === 429 || (status === 503 && wait !== undefined)) {
    const seconds = wait ?? DEFAULT_RETRY_AFTER_SECONDS;
    return upstreamFault("UPSTREAM_RATE_LIMITED", origin, {
      cause: "status",
      status,
      problem,
      retryAfterSeconds: seconds,
    });
  }
  return upstreamFault(status >= 500 ? "UPSTREAM_UNAVAILABLE" : "UPSTREAM_INVALID", origin, {
    cause: "status",
    status,
    problem,
  });
}
