import { setTimeout as pause } from "node:timers/promises";
import type { Consumer, JsMsg, NatsConnection } from "nats";
import { type Handle, LAST_DELIVERY, retryDelayAfterMs } from "../redelivery.ts";
import { type Doorbell, dropConsumer, firstUnheard, REMAKE_PAUSE_MS } from "./doorbell.ts";
import type { Link } from "./link.ts";
import { decodeRing } from "./ring-message.ts";

export interface LaneOptions {
  readonly link: Link;
  readonly doorbell: Doorbell;
  readonly handle: Handle;
  readonly retryDelayMs: number;
  /** How long one pull waits, at least 1,000. */
  readonly pullMs: number;
  /** Ends the lane after the handler that runs. */
  readonly signal: AbortSignal;
}

/**
 * Takes one message after the other, so nothing is held back that another worker could do. Outlives every fault of the broker:
 * a lost connection, a deleted stream. Resolves when `signal` has ended it.
 */
export async function runLane(options: LaneOptions): Promise<void> {
  const { link, signal } = options;
  while (!signal.aborted) {
    try {
      await pullFrom(link.ready() ?? (await link.prepare()), options);
    } catch {
      // Whatever it was (no connection, no stream, no consumer): make everything anew. The row is the truth, so nothing is lost.
      await pause(REMAKE_PAUSE_MS, undefined, { signal }).catch(() => {});
      if (!signal.aborted) await link.prepare().catch(() => {});
    }
  }
}

/** Returns when `signal` ends it or the consumer turned out to be deaf; throws what the broker throws. */
async function pullFrom(connection: NatsConnection, options: LaneOptions): Promise<void> {
  const { link, doorbell, signal } = options;
  const consumer = await connection.jetstream().consumers.get(doorbell.stream, doorbell.consumer);
  let unheard: number | undefined;
  while (!signal.aborted) {
    const message = await pullOne(consumer, options);
    if (message) await answer(message, options);
    if (message || signal.aborted) continue;
    const before = unheard;
    unheard = await firstUnheard(connection, doorbell);
    if (unheard === undefined || unheard !== before) continue;
    await dropConsumer(connection, doorbell);
    await link.prepare();
    return;
  }
}

/** Undefined: none came in time. */
async function pullOne(consumer: Consumer, { pullMs, signal }: LaneOptions): Promise<JsMsg | undefined> {
  const messages = await consumer.fetch({ max_messages: 1, expires: pullMs });
  const stop = () => messages.stop();
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    for await (const message of messages) return message;
    return undefined;
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

async function answer(message: JsMsg, { handle, retryDelayMs }: LaneOptions): Promise<void> {
  const ring = decodeRing(message.data);
  const { deliveryCount } = message.info;
  // More deliveries than failures: it ended the processes that had it.
  if (ring === undefined || deliveryCount > LAST_DELIVERY) return message.term();
  try {
    await handle(ring, () => message.working());
  } catch {
    if (deliveryCount === LAST_DELIVERY) message.term();
    else message.nak(retryDelayAfterMs(deliveryCount, retryDelayMs));
    return;
  }
  message.ack();
}
