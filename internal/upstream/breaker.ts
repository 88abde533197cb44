/** Decides whether an upstream is asked at all. Reads a clock, has no timer. */
export interface Breaker {
  state(): BreakerState;
  /** How long nobody should come, undefined when somebody may. Changes nothing. */
  refusesForMs(): number | undefined;
  /** "probe": half-open, and this request finds out. Undefined: refused. Every admitted request is reported once below. */
  admit(): Ticket | undefined;
  /** The headers of a definite answer came. */
  answered(): void;
  /** A whole body came: everything before is forgiven. */
  completed(): void;
  failed(ticket: Ticket, weight: number): void;
  /** It ended for a reason that says nothing about the upstream. */
  withdrew(ticket: Ticket): void;
}

export type BreakerState = "closed" | "open" | "half-open";
export type Ticket = "pass" | "probe";

/** A breaker opens when failures without a completed answer between them reach this weight. */
export const OPENING_WEIGHT = 6;
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 15_000;

/** `random` (0 to 1) spreads the probes of many processes: a pause is shortened by up to a quarter. */
export function createBreaker(nowMs: () => number, random: () => number): Breaker {
  let current: BreakerState = "closed";
  let weight = 0;
  let openings = 0;
  let probeAtMs = 0;
  let probing = false;

  function open(): void {
    current = "open";
    weight = 0;
    probing = false;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** openings);
    openings = Math.min(openings + 1, 10);
    probeAtMs = nowMs() + pauseMs * (1 - random() / 4);
  }

  function refusesForMs(): number | undefined {
    if (current === "closed") return undefined;
    if (probing) return FIRST_PAUSE_MS;
    const waitMs = probeAtMs - nowMs();
    return waitMs > 0 ? waitMs : undefined;
  }

  return {
    state: () => current,
    refusesForMs,
    admit() {
      if (refusesForMs() !== undefined) return undefined;
      if (current === "closed") return "pass";
      current = "half-open";
      probing = true;
      return "probe";
    },
    answered() {
      current = "closed";
      probing = false;
    },
    completed() {
      if (current !== "closed") return;
      weight = 0;
      openings = 0;
    },
    failed(ticket, failureWeight) {
      if (ticket === "probe" && current === "half-open") return open();
      // What left before it opened says nothing new.
      if (current !== "closed") return;
      weight += failureWeight;
      if (weight >= OPENING_WEIGHT) open();
    },
    withdrew(ticket) {
      if (ticket === "probe" && current === "half-open") {
        current = "open";
        probing = false;
      }
    },
  };
}
