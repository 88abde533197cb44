import { Fault } from "#internal/fault/fault.ts";
import { type Derivation, type Derived, derive } from "./derive.ts";

/** A Fault loses its class on the way between threads, so it travels as data. */
export type WorkerAnswer =
  | { readonly derived: Derived }
  | { readonly fault: Pick<Fault, "reason" | "message" | "facts"> };

export default async function run(derivation: Derivation): Promise<WorkerAnswer> {
  try {
    return { derived: await derive(derivation) };
  } catch (error) {
    if (error instanceof Fault) return { fault: { reason: error.reason, message: error.message, facts: error.facts } };
    throw error;
  }
}
