import { type ConnectionOptions, connect, Events, type NatsConnection } from "nats";
import { Fault } from "#internal/fault/fault.ts";

/** A connection that is made again for ever, and prepared each time it is made. */
export interface Link {
  /** The connection while it is up and prepared. */
  ready(): NatsConnection | undefined;
  /**
   * Prepares the connection again, once for all who ask at the same time.
   * @throws Fault QUEUE_UNAVAILABLE when there is no connection or it cannot be prepared.
   */
  prepare(): Promise<NatsConnection>;
  close(): Promise<void>;
}

const RETRY_MS = 500;
const FLUSH_MS = 1_000;

/** Resolves after the first try to connect, whether or not it worked. */
export async function openLink(
  options: ConnectionOptions,
  makeReady: (connection: NatsConnection) => Promise<void>,
): Promise<Link> {
  let connection: NatsConnection | undefined;
  let isConnected = false;
  let isPrepared = false;
  let isClosed = false;
  let preparing: Promise<NatsConnection> | undefined;
  let timer: NodeJS.Timeout | undefined;
  /** Why the last try to connect failed, for those who ask meanwhile. */
  let problem: unknown;

  function later(action: () => Promise<unknown>): void {
    if (isClosed) return;
    clearTimeout(timer);
    timer = setTimeout(() => void action().catch(() => {}), RETRY_MS).unref();
  }

  async function connectOnce(): Promise<void> {
    try {
      const made = await connect(options);
      if (isClosed) return await made.close();
      connection = made;
      isConnected = true;
      problem = undefined;
      void watch(made);
      await prepare().catch(() => {});
    } catch (error) {
      problem = error;
      later(connectOnce);
    }
  }

  /** Ends when the library has given the connection up, as it does after a refused reconnect. */
  async function watch(made: NatsConnection): Promise<void> {
    for await (const { type } of made.status()) {
      if (type === Events.Disconnect) isConnected = isPrepared = false;
      if (type !== Events.Reconnect) continue;
      isConnected = true;
      prepare().catch(() => {});
    }
    isConnected = isPrepared = false;
    later(connectOnce);
  }

  function prepare(): Promise<NatsConnection> {
    preparing ??= prepareOnce().finally(() => {
      preparing = undefined;
    });
    return preparing;
  }

  async function prepareOnce(): Promise<NatsConnection> {
    const current = connection;
    if (current === undefined || !isConnected) throw unavailable(problem);
    try {
      await makeReady(current);
      isPrepared = isConnected;
      return current;
    } catch (error) {
      isPrepared = false;
      if (isConnected) later(prepare);
      throw unavailable(error);
    }
  }

  await connectOnce();
  return {
    ready: () => (isPrepared ? connection : undefined),
    prepare,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      // The last acknowledgements are still on their way.
      if (isConnected) await Promise.race([connection?.flush().catch(() => {}), elapsed(FLUSH_MS)]);
      isConnected = isPrepared = false;
      await connection?.close();
    },
  };
}

/** @returns the Fault of a broker that does not answer. */
export function unavailable(cause?: unknown): Fault {
  const why = cause instanceof Error ? cause.message : "there is no connection";
  return new Fault("QUEUE_UNAVAILABLE", `the broker cannot take the ring: ${why}`, {}, { cause });
}

function elapsed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref());
}
