import type { Readable } from "node:stream";
import type { Settlement } from "./exchange.ts";
import { toUpstreamFault, upstreamFault } from "./upstream-fault.ts";

/** Patience with a body. Only time spent waiting for the upstream counts: a slow reader breaks nothing. */
export interface BodyLimits {
  /** Longest wait for the next bytes. */
  readonly idleMs: number;
  readonly minimumBytesPerSecond: number;
  /** The rate is judged each time that this much waiting has added up. */
  readonly rateWindowMs: number;
}

export interface GuardedBody {
  readonly bytes: AsyncIterable<Buffer>;
  readonly settled: Promise<Settlement>;
  discard(): Promise<void>;
}

// Reading a short rest keeps the connection; for more, a new connection is cheaper.
const DISCARD_BYTES = 65_536;

/**
 * @param controller ends the exchange; its reason becomes the error of `body`
 */
export function guardBody(
  body: Readable,
  origin: string,
  limits: BodyLimits,
  controller: AbortController,
): GuardedBody {
  const { promise: settled, resolve } = Promise.withResolvers<Settlement>();
  let receivedBytes = 0;
  const settle = (outcome: Settlement["outcome"], error?: unknown) => resolve({ outcome, error, receivedBytes });
  const toFault = (error: unknown) =>
    controller.signal.aborted ? controller.signal.reason : toUpstreamFault(error, origin, "sent");
  let started = false;
  // Covers the body that nobody reads: the deadline or the caller's signal destroys it.
  body.once("error", (error) => settle("broken", toFault(error)));
  // A reader that is at the end says so before.
  body.once("close", () => setImmediate(settle, "left"));

  async function* iterate(): AsyncGenerator<Buffer, void, undefined> {
    if (started) throw new Error("an upstream's body can be read once");
    started = true;
    const guard = createGuard(origin, limits, (reason) => controller.abort(reason));
    const chunks = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
    try {
      for (;;) {
        const { done, value } = await guard.wait(chunks);
        if (done) return settle("complete");
        receivedBytes += value.length;
        yield value;
      }
    } catch (error) {
      const fault = toFault(error);
      settle("broken", fault);
      throw fault;
    } finally {
      guard.stop();
      body.destroy();
    }
  }

  async function discard(): Promise<void> {
    if (started || body.destroyed) return void body.destroy();
    let rest = DISCARD_BYTES;
    const timer = setTimeout(() => body.destroy(), limits.idleMs);
    try {
      for await (const chunk of body) {
        rest -= (chunk as Buffer).length;
        if (rest <= 0) break;
      }
    } catch {
      // Its end does not matter any more.
    } finally {
      clearTimeout(timer);
      body.destroy();
      settle("left");
    }
  }

  return { bytes: { [Symbol.asyncIterator]: iterate }, settled, discard };
}

/** Waits for chunks, and aborts the exchange when they do not come or come too slowly. */
function createGuard(origin: string, limits: BodyLimits, abort: (reason: unknown) => void) {
  const { idleMs, minimumBytesPerSecond, rateWindowMs } = limits;
  const stalled = (problem: string) => upstreamFault("UPSTREAM_UNAVAILABLE", origin, { cause: "stall", problem });
  let waiting = false;
  let waitedMs = 0;
  let windowBytes = 0;
  const timer = setTimeout(() => {
    if (waiting) abort(stalled(`stopped in the middle of a body for ${idleMs} ms`));
  }, idleMs);

  async function wait(chunks: AsyncIterator<Buffer>): Promise<IteratorResult<Buffer>> {
    const startMs = performance.now();
    timer.refresh();
    waiting = true;
    const result = await chunks.next();
    waiting = false;
    waitedMs += performance.now() - startMs;
    if (result.done) return result;
    windowBytes += result.value.length;
    if (waitedMs >= rateWindowMs) {
      if (windowBytes * 1_000 < minimumBytesPerSecond * waitedMs) {
        const fault = stalled(`sent less than ${minimumBytesPerSecond} bytes a second`);
        abort(fault);
        throw fault;
      }
      waitedMs = 0;
      windowBytes = 0;
    }
    return result;
  }

  return { wait, stop: () => clearTimeout(timer) };
}
