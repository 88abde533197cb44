import { setTimeout as pause } from "node:timers/promises";
import { ErrorCode, type NatsConnection, NatsError } from "nats";
import { isFault } from "#internal/fault/fault.ts";
import type { Queue, Ring, Subscription } from "../queue.ts";
import type { Handle } from "../redelivery.ts";
import { connectionOptions } from "./connection-options.ts";
import { API_TIMEOUT_MS, type Doorbell, ensureDoorbell, REMAKE_PAUSE_MS } from "./doorbell.ts";
import { runLane } from "./lane.ts";
import { openLink, unavailable } from "./link.ts";
import { encodeRing } from "./ring-message.ts";

export interface JetStreamQueueOptions {
  /** LARDER_NATS_URL, see `connectionOptions`. */
  readonly url: string;
  /** Name of the stream; its subject is `larder.ring.<stream>`. Default "LARDER_INDEX_TASKS". */
  readonly streamName?: string;
  /** A ring that is neither handled nor extended for so long goes to another worker. Default 30,000. */
  readonly ackWaitMs?: number;
  /** Pause before a ring whose handler rejected is rung again; doubles each time. Default 1,000. */
  readonly retryDelayMs?: number;
  /** How long a listener asks before it asks anew, at least 1,000; so long it may be deaf after a fault that the broker hides. Default 5,000. */
  readonly pullMs?: number;
}

/**
 * The doorbell on NATS JetStream. Opens also when the server is down, and is healthy once it is up: connection, stream and
 * consumer are made again whenever they are gone.
 * @throws Fault ARGUMENT_INVALID when the URL is unusable.
 */
export async function openJetStreamQueue(options: JetStreamQueueOptions): Promise<Queue> {
  const { url, streamName = "LARDER_INDEX_TASKS", ackWaitMs = 30_000, retryDelayMs = 1_000, pullMs = 5_000 } = options;
  const doorbell: Doorbell = {
    stream: streamName,
    subject: `larder.ring.${streamName}`,
    consumer: "workers",
    ackWaitMs,
  };
  const link = await openLink(connectionOptions(url), (connection) => ensureDoorbell(connection, doorbell));
  const subscriptions = new Set<Subscription>();

  async function ring(ring: Ring): Promise<void> {
    try {
      await publish(link.ready() ?? (await link.prepare()), doorbell, ring).catch(async (error: unknown) => {
        if (!isStreamMissing(error)) throw error;
        await pause(REMAKE_PAUSE_MS);
        await publish(await link.prepare(), doorbell, ring);
      });
    } catch (error) {
      // A silent broker may have lost the stream while somebody else listens on its subject: the next ring shall find one.
      link.prepare().catch(() => {});
      throw isFault(error) ? error : unavailable(error);
    }
  }

  async function listen(handle: Handle, concurrency: number): Promise<Subscription> {
    const stopping = new AbortController();
    const lane = () => runLane({ link, doorbell, handle, retryDelayMs, pullMs, signal: stopping.signal });
    const lanes = Array.from({ length: concurrency }, lane);
    const subscription: Subscription = {
      async stop() {
        stopping.abort();
        await Promise.all(lanes);
        subscriptions.delete(subscription);
      },
    };
    subscriptions.add(subscription);
    return subscription;
  }

  return {
    ring,
    listen,
    healthy: () => link.ready() !== undefined,
    async close() {
      await Promise.all(Array.from(subscriptions, (subscription) => subscription.stop()));
      await link.close();
    },
  };
}

async function publish(connection: NatsConnection, doorbell: Doorbell, ring: Ring): Promise<void> {
  const msgID = `${ring.taskId}/${ring.attempt}`;
  await connection.jetstream().publish(doorbell.subject, encodeRing(ring), { msgID, timeout: API_TIMEOUT_MS });
}

/** Nobody listens on the subject: the stream is gone. */
function isStreamMissing(error: unknown): boolean {
  return error instanceof NatsError && error.code === ErrorCode.NoResponders;
}
