import { setTimeout as sleep } from "node:timers/promises";

/** Work that is done again and again. */
export interface Repeating {
  /** Does it now, or again when it is being done. */
  nudge(): void;
  /** Resolves when the work that is being done has ended. */
  stop(): Promise<void>;
}

/**
 * Does `work` now and every `periodMs` after it has ended, never twice at a time. What it throws goes to `report`, of failures in a row the
 * first.
 */
export function repeat(periodMs: number, work: () => Promise<void>, report: (error: unknown) => void): Repeating {
  const stopped = new AbortController();
  let wake = new AbortController();
  let isFailing = false;

  async function attempt(): Promise<void> {
    try {
      await work();
      isFailing = false;
    } catch (error) {
      if (!isFailing) report(error);
      isFailing = true;
    }
  }

  async function run(): Promise<void> {
    while (!stopped.signal.aborted) {
      wake = new AbortController();
      await attempt();
      const signal = AbortSignal.any([stopped.signal, wake.signal]);
      await sleep(periodMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  const ended = run();
  return {
    nudge: () => wake.abort(),
    stop: () => {
      stopped.abort();
      return ended;
    },
  };
}
