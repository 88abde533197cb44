import { Fault } from "#internal/fault/fault.ts";
import type { Queue, Ring, Subscription } from "../queue.ts";
import { type Handle, LAST_DELIVERY, retryDelayAfterMs } from "../redelivery.ts";

export interface MemoryQueueOptions {
  /** Pause before a ring whose handler rejected is rung again; doubles each time. Default 1,000. */
  readonly retryDelayMs?: number;
}

/** A ring that waits for a listener, or for its next try. */
interface Waiting {
  readonly ring: Ring;
  /** How often a handler has had it. */
  deliveries: number;
}

interface Listener {
  readonly handle: Handle;
  readonly concurrency: number;
  readonly running: Set<Promise<void>>;
}

/** The doorbell of one process. What it holds is lost with the process: the task's row rings again. */
export function createMemoryQueue({ retryDelayMs = 1_000 }: MemoryQueueOptions = {}): Queue {
  const waiting = new Map<string, Waiting>();
  const listeners = new Set<Listener>();
  const timers = new Set<NodeJS.Timeout>();
  let closed = false;

  function dispatch(): void {
    for (const listener of listeners) {
      while (listener.running.size < listener.concurrency) {
        const [next] = waiting;
        if (next === undefined) return;
        waiting.delete(next[0]);
        start(listener, next[1]);
      }
    }
  }

  function start(listener: Listener, item: Waiting): void {
    item.deliveries++;
    // Not before it is counted: a handler may ring.
    const run = Promise.resolve()
      .then(() => listener.handle(item.ring, () => {}))
      .catch(() => retry(item));
    const tracked = run.then(() => {
      listener.running.delete(tracked);
      // Whoever has waited longest is next, so that listeners share the work.
      if (listeners.delete(listener)) listeners.add(listener);
      dispatch();
    });
    listener.running.add(tracked);
  }

  function retry(item: Waiting): void {
    if (closed || item.deliveries >= LAST_DELIVERY) return;
    const timer = setTimeout(
      () => {
        timers.delete(timer);
        put(item);
      },
      retryDelayAfterMs(item.deliveries, retryDelayMs),
    ).unref();
    timers.add(timer);
  }

  function put(item: Waiting): void {
    const { taskId, attempt } = item.ring;
    waiting.set(`${taskId}/${attempt}`, item);
    dispatch();
  }

  async function stop(listener: Listener): Promise<void> {
    listeners.delete(listener);
    await Promise.all(listener.running);
  }

  return {
    async ring(ring) {
      if (closed) throw new Fault("QUEUE_UNAVAILABLE", "the queue is closed");
      put({ ring, deliveries: 0 });
    },
    async listen(handle, concurrency): Promise<Subscription> {
      const listener: Listener = { handle, concurrency, running: new Set() };
      listeners.add(listener);
      dispatch();
      return { stop: () => stop(listener) };
    },
    healthy: () => !closed,
    async close() {
      closed = true;
      waiting.clear();
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(Array.from(listeners, stop));
    },
  };
}
