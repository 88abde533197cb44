import type { Ring } from "./queue.ts";

/** What a listener does with a ring. */
export type Handle = (ring: Ring, extend: () => void) => Promise<void>;

/** A ring is dropped when its handler has failed so often: the task's row says what happened, and is looked at again without it. */
export const LAST_DELIVERY = 5;
const MAX_DELAY_MS = 60_000;

/** Pause after the nth delivery failed, starting at 1. */
export function retryDelayAfterMs(deliveries: number, firstDelayMs: number): number {
  return Math.min(firstDelayMs * 2 ** (deliveries - 1), MAX_DELAY_MS);
}
