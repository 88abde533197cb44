import { type Fault, isFault } from "#internal/fault/fault.ts";
import type { Logger } from "#internal/telemetry/logger.ts";
import { OPENING_WEIGHT, type Ticket } from "./breaker.ts";
import type { Circuit, Circuits } from "./circuits.ts";
import { type Exchange, originOf } from "./exchange.ts";
import type { Holds } from "./holding.ts";
import { type Cause, upstreamFault } from "./upstream-fault.ts";

const BAD_ANSWER_WEIGHT = OPENING_WEIGHT / 3;
/**
 * One dead connection opens a breaker, so that an outage costs one time-out; two stalled bodies (the first may be resumed);
 * three bad answers. What is not listed says nothing about the upstream's health. A dead connection while the upstream answered
 * somebody else weighs no more than a bad answer: one lost connection of many is no outage.
 */
const WEIGHTS: Partial<Record<Cause, number>> = {
  dns: OPENING_WEIGHT,
  connect: OPENING_WEIGHT,
  tls: OPENING_WEIGHT,
  timeout: OPENING_WEIGHT,
  stall: OPENING_WEIGHT / 2,
  deadline: OPENING_WEIGHT / 2,
  reset: BAD_ANSWER_WEIGHT,
  protocol: BAD_ANSWER_WEIGHT,
  status: BAD_ANSWER_WEIGHT,
};

/** Refuses at once while a breaker is open, and tells it what became of every other request. */
export function breaking(exchange: Exchange, circuits: Circuits, logger: Logger): Exchange {
  return async (request) => {
    const circuit = circuits.of(originOf(request), request.pathClass);
    const ticket = circuit.breaker.admit();
    if (ticket === undefined) throw refusal(circuit, circuit.breaker.refusesForMs() ?? 0);
    circuit.requests++;
    const startedAt = circuits.moment();
    const report = createReport({ circuits, circuit, ticket, startedAt, logger });
    try {
      const answer = await exchange(request);
      report.answered();
      void answer.settled.then(({ outcome, error }) => {
        if (outcome === "broken") report.failed(error);
        else circuit.breaker.completed();
      });
      return answer;
    } catch (error) {
      report.failed(error);
      throw error;
    }
  };
}

/** The same refusal before a request waits for a free slot. */
export function refusingEarly(exchange: Exchange, circuits: Circuits, holds: Holds): Exchange {
  return async (request) => {
    const origin = originOf(request);
    holds.check(origin);
    const circuit = circuits.of(origin, request.pathClass);
    const waitMs = circuit.breaker.refusesForMs();
    if (waitMs !== undefined) throw refusal(circuit, waitMs);
    return exchange(request);
  };
}

interface ReportDeps {
  readonly circuits: Circuits;
  readonly circuit: Circuit;
  readonly ticket: Ticket;
  /** When the request began. */
  readonly startedAt: number;
  readonly logger: Logger;
}

function createReport({ circuits, circuit, ticket, startedAt, logger }: ReportDeps) {
  const { origin, pathClass, breaker } = circuit;
  const watch = (change: () => void, error?: unknown) => {
    const before = breaker.state();
    change();
    const after = breaker.state();
    if (before === after) return;
    if (after === "open") logger.warn("upstream breaker opened", { origin, pathClass, error });
    if (after === "closed") logger.info("upstream breaker closed", { origin, pathClass });
  };
  const answered = () => {
    circuit.answeredAt = circuits.moment();
    watch(() => breaker.answered());
  };
  const weightOf = (fault: Fault): number => {
    const weight = WEIGHTS[fault.facts.cause as Cause] ?? 0;
    const isDeadConnection = weight === OPENING_WEIGHT;
    return isDeadConnection && circuits.answeredSince(origin, startedAt) ? BAD_ANSWER_WEIGHT : weight;
  };
  return {
    answered,
    failed(error: unknown) {
      if (!isFault(error) || error.reason === "UPSTREAM_FORBIDDEN") return breaker.withdrew(ticket);
      // A status below 500 is an answer of a living upstream, although not the one we want.
      if (!isOutage(error)) {
        answered();
        return breaker.completed();
      }
      circuit.failures++;
      watch(() => breaker.failed(ticket, weightOf(error)), error);
    },
  };
}

function isOutage(fault: Fault): boolean {
  return fault.reason === "UPSTREAM_UNAVAILABLE" || fault.facts.cause === "protocol";
}

function refusal({ origin }: Circuit, waitMs: number): Fault {
  return upstreamFault("UPSTREAM_UNAVAILABLE", origin, {
    cause: "breaker",
    problem: "failed a moment ago and is not asked now",
    retryAfterSeconds: Math.max(1, Math.ceil(waitMs / 1_000)),
  });
}
