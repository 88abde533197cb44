import { type Fault, isFault } from "#internal/fault/fault.ts";
import type { Circuits } from "./circuits.ts";
import { type Exchange, originOf } from "./exchange.ts";

/**
 * Asks once more when the connection broke before the first byte: a kept connection may be closed by the upstream in the moment in which it
 * is used again. And when no connection came about, or nothing came over it in time, while the upstream answered others: that connection was
 * lost, the upstream is not. Not for POST, which may have been acted on.
 */
export function retrying(exchange: Exchange, circuits: Circuits): Exchange {
  return async (request) => {
    const startedAt = circuits.moment();
    try {
      return await exchange(request);
    } catch (error) {
      if (request.method === "POST" || request.signal?.aborted || !isFault(error)) throw error;
      if (!mayPass(error) && !(isLostConnection(error) && circuits.answeredSince(originOf(request), startedAt)))
        throw error;
      return exchange(request);
    }
  };
}

function mayPass({ facts }: Fault): boolean {
  return facts.cause === "reset";
}

function isLostConnection({ facts }: Fault): boolean {
  return facts.cause === "timeout" || facts.cause === "connect" || facts.cause === "dns";
}
