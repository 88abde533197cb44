import { Fault } from "#internal/fault/fault.ts";

export type Labels = Readonly<Record<string, string>>;

const KEY = /^[a-z0-9][a-z0-9._/-]{0,62}$/;
const MAX_LABELS = 64;
const MAX_VALUE_LENGTH = 63;

/** @throws Fault ARGUMENT_INVALID when a key or value breaks its rule, or there are more than 64. */
export function checkLabels(labels: Labels): Labels {
  const pairs = Object.entries(labels);
  if (pairs.length > MAX_LABELS) throw invalid(`there are ${pairs.length} labels, at most ${MAX_LABELS} are allowed`);
  for (const [key, value] of pairs) {
    if (!isLabelKey(key)) throw invalid(`label key "${key.slice(0, 80)}" must match ${KEY.source}`);
    if (value.length > MAX_VALUE_LENGTH) {
      throw invalid(
        `the value of label "${key}" has ${value.length} characters, at most ${MAX_VALUE_LENGTH} are allowed`,
      );
    }
    // MariaDB takes "web " for "web".
    if (/\s$/.test(value)) throw invalid(`the value of label "${key}" must not end in a blank`);
  }
  return labels;
}

/** Whether `key` may name a label. */
function isLabelKey(key: string): boolean {
  return KEY.test(key);
}

function invalid(message: string): Fault {
  return new Fault("ARGUMENT_INVALID", message, { field: "labels" });
}
