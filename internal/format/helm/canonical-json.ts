import { Fault } from "#internal/fault/fault.ts";

const MAX_DEPTH = 100;

/**
 * JSON with sorted keys and no spaces: equal data gives equal text. Fields without a value are left out.
 * @throws Fault LIMIT_EXCEEDED when it is nested more than 100 deep.
 */
export function canonicalJson(value: unknown, depth = 0): string {
  if (depth > MAX_DEPTH) throw new Fault("LIMIT_EXCEEDED", `it is nested more than ${MAX_DEPTH} deep`);
  if (Array.isArray(value)) return `[${value.map((each) => canonicalJson(each ?? null, depth + 1)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field, depth + 1)}`);
  return `{${fields.join(",")}}`;
}
