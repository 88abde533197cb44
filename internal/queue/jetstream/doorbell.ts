import {
  AckPolicy,
  DeliverPolicy,
  DiscardPolicy,
  type NatsConnection,
  NatsError,
  nanos,
  RetentionPolicy,
  StorageType,
} from "nats";

/** Where rings are on the broker. */
export interface Doorbell {
  /** Name of the stream; also part of its subject. */
  readonly stream: string;
  readonly subject: string;
  /** Name of the durable consumer that all workers share. */
  readonly consumer: string;
  /** A ring that is neither acknowledged nor extended for so long goes to another worker. */
  readonly ackWaitMs: number;
}

export const API_TIMEOUT_MS = 2_000;
/** Before a vanished stream is made again: while its deletion runs, server 2.9 makes streams that are broken. */
export const REMAKE_PAUSE_MS = 500;
/** Rings older than this have long been rung again by the outbox. */
const MAX_AGE_MS = 24 * 3_600_000;
const DUPLICATE_WINDOW_MS = 120_000;
const MAX_MESSAGE_BYTES = 4_096;
/** Error codes of the server: the stream or the consumer is there with another configuration. */
const ALREADY_THERE: ReadonlySet<number | undefined> = new Set([10_058, 10_013, 10_148, 10_105]);

/**
 * Creates the stream and the consumer where they are absent; several processes may do so at once. What another version of Larder
 * made stays as it is.
 * @throws NatsError when the broker cannot.
 */
export async function ensureDoorbell(connection: NatsConnection, doorbell: Doorbell): Promise<void> {
  const { streams, consumers } = await connection.jetstreamManager({ checkAPI: false, timeout: API_TIMEOUT_MS });
  await streams
    .add({
      name: doorbell.stream,
      subjects: [doorbell.subject],
      retention: RetentionPolicy.Workqueue,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_age: nanos(MAX_AGE_MS),
      max_msg_size: MAX_MESSAGE_BYTES,
      duplicate_window: nanos(DUPLICATE_WINDOW_MS),
    })
    .catch(unlessThere);
  await consumers
    .add(doorbell.stream, {
      durable_name: doorbell.consumer,
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      ack_wait: nanos(doorbell.ackWaitMs),
      // A message past the server's limit would stay for ever: the listener counts, and ends it.
      max_deliver: -1,
    })
    .catch(unlessThere);
}

/**
 * The first message in the stream when no worker has any; undefined when there is none. One that stays while workers pull shows
 * that the consumer is deaf: server 2.9 leaves such a one behind when a stream is made again while its deletion is not through.
 */
export async function firstUnheard(
  connection: NatsConnection,
  { stream, consumer }: Doorbell,
): Promise<number | undefined> {
  const { streams, consumers } = await connection.jetstreamManager({ checkAPI: false, timeout: API_TIMEOUT_MS });
  const { state } = await streams.info(stream);
  const { num_ack_pending } = await consumers.info(stream, consumer);
  return state.messages > 0 && num_ack_pending === 0 ? state.first_seq : undefined;
}

/** Ends the consumer; `ensureDoorbell` makes one that hears every message in the stream. */
export async function dropConsumer(connection: NatsConnection, { stream, consumer }: Doorbell): Promise<void> {
  const { consumers } = await connection.jetstreamManager({ checkAPI: false, timeout: API_TIMEOUT_MS });
  await consumers.delete(stream, consumer);
}

function unlessThere(error: unknown): void {
  if (error instanceof NatsError && ALREADY_THERE.has(error.api_error?.err_code)) return;
  throw error;
}
