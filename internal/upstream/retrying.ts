import { isFault } from "#internal/fault/fault.ts";
import type { Exchange } from "./exchange.ts";

/**
 * Asks once more when the connection broke before the first byte: a kept connection may be closed by the upstream in the
 * moment in which it is used again. Not for POST, which may have been acted on.
 */
export function retrying(exchange: Exchange): Exchange {
  return async (request) => {
    try {
      return await exchange(request);
    } catch (error) {
      if (request.method === "POST" || request.signal?.aborted || !isFault(error) || error.facts.cause !== "reset")
        throw error;
      return exchange(request);
    }
  };
}
