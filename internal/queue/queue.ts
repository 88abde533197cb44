/**
 * The doorbell of the index workers. It carries task ids, not work: the `index_task` row is the truth, so a lost, doubled or late ring costs
 * latency only.
 */
export interface Queue {
  /**
   * Wakes one worker for the task. Resolves when the broker has it; ringing the same (task, attempt) twice may wake once.
   * @throws Fault QUEUE_UNAVAILABLE when it cannot be handed over; the outbox row stays and is rung again.
   */
  ring(ring: Ring): Promise<void>;
  /**
   * Calls `handle` for rings, at most `concurrency` at a time, and acknowledges after it resolves. A rejected handle is rung again later.
   * `extend` is called by long handlers so that the ring is not given to another meanwhile.
   */
  listen(handle: (ring: Ring, extend: () => void) => Promise<void>, concurrency: number): Promise<Subscription>;
  /** Whether rings pass now; health asks. */
  healthy(): boolean;
  close(): Promise<void>;
}

export interface Ring {
  readonly taskId: string;
  readonly attempt: number;
}

export interface Subscription {
  /** No new ring after this; resolves when the running handlers have ended. */
  stop(): Promise<void>;
}
