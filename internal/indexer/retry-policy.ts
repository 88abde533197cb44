import { type Fault, isFault, type Reason } from "#internal/fault/fault.ts";

/** A task is tried so often. */
export const MAX_ATTEMPTS = 5;

const TRANSIENT: readonly Reason[] = [
  "UPSTREAM_UNAVAILABLE",
  "UPSTREAM_RATE_LIMITED",
  "STORAGE_UNAVAILABLE",
  "DATABASE_UNAVAILABLE",
];
const MAX_DELAY_MS = 10 * 60_000;
const MAX_ASKED_MS = 60 * 60_000;

/** How long to wait before the next attempt; undefined: there is none, because the fault is final or there were enough. */
export function retryDelayMs(error: unknown, attempt: number, firstDelayMs: number): number | undefined {
  if (attempt >= MAX_ATTEMPTS) return undefined;
  // What is no fault is a bug or a lack of something: it may be gone the next time.
  if (isFault(error) && !isFault(error, ...TRANSIENT)) return undefined;
  const backOffMs = Math.min(firstDelayMs * 2 ** (attempt - 1), MAX_DELAY_MS) * (0.75 + Math.random() / 4);
  return Math.max(backOffMs, isFault(error) ? askedDelayMs(error) : 0);
}

/** What the upstream asked for, an hour at most. */
function askedDelayMs({ facts }: Fault): number {
  const seconds = Number(facts.retryAfterSeconds ?? 0);
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds * 1_000, 0), MAX_ASKED_MS) : 0;
}
