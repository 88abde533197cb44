import type { Failure } from "./failure.ts";
import { printable, printableJson } from "./printable.ts";
import { layoutOf, type Terminal } from "./terminal.ts";

/** Tells on standard error why a command ended: lines for people, with `--json` one JSON document. */
export function reportFailure({ errors, nowMs }: Terminal, failure: Failure, isJson: boolean): void {
  const { reason, message, facts, hint } = failure;
  if (isJson) {
    errors.write(`${printableJson({ error: { reason, message, facts, hint } }, 2)}\n`);
    return;
  }
  const { paint } = layoutOf(errors, nowMs());
  errors.write(`${paint("red", "error:")} ${printable(message)} (${printable(reason)})\n`);
  if (hint !== "") errors.write(`${paint("yellow", "hint:")} ${printable(hint)}\n`);
}
