import type { Fault } from "#internal/fault/fault.ts";
import { hintFor } from "./hints.ts";
import {
  VALIDATION_STEPS,
  type ValidationPreview,
  type ValidationStep,
  type ValidationStepId,
} from "./repository-manager.ts";
import type { UpstreamAsk } from "./upstream-ask.ts";
import { withoutSecret } from "./without-secret.ts";

type Told = Pick<ValidationStep, "status" | "reason" | "message" | "hint">;
export type Events = AsyncGenerator<ValidationStep | ValidationPreview, void, void>;

/** A step that was reached. */
export interface Outcome {
  readonly id: ValidationStepId;
  readonly durationMs: number;
  /** It failed, with this. */
  readonly fault?: Fault | undefined;
  /** Instead of the one that the fault suggests. */
  readonly hint?: string;
  readonly message?: string;
  /** It does not apply. */
  readonly skipped?: boolean;
}

/** Gives every step its words, and every step that was not reached its place. */
export async function* tellSteps(ask: UpstreamAsk, walked: AsyncGenerator<Outcome, ValidationPreview, void>): Events {
  let failed: ValidationStepId | undefined;
  const reached = new Set<ValidationStepId>();
  try {
    let next = await walked.next();
    for (; !next.done; next = await walked.next()) {
      const { id, durationMs, fault } = next.value;
      reached.add(id);
      if (fault) failed = id;
      yield toStep(id, durationMs, told(next.value, ask));
    }
    for (const id of VALIDATION_STEPS) {
      if (!reached.has(id)) yield toStep(id, 0, skipped(`not tried, because ${failed} failed`));
    }
    yield next.value;
  } finally {
    // Who leaves in the middle leaves the upstream's socket, too.
    await walked.return(undefined as never);
  }
}

function toStep(id: ValidationStepId, durationMs: number, words: Told): ValidationStep {
  return { kind: "step", id, durationMs, ...words };
}

function told({ fault, hint, message = "", skipped: isSkipped }: Outcome, { credential }: UpstreamAsk): Told {
  if (isSkipped) return skipped(message);
  if (!fault) return { status: "PASSED", reason: "", message, hint: "" };
  return {
    status: "FAILED",
    reason: fault.reason,
    message: withoutSecret(fault.message, credential),
    hint: hint ?? hintFor(fault, credential !== undefined),
  };
}

function skipped(message: string): Told {
  return { status: "SKIPPED", reason: "", message, hint: "" };
}
