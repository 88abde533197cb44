import { Fault } from "#internal/fault/fault.ts";

/** One condition of a filter. `field` is as written, e.g. "name" or "labels.team". */
export interface FilterTerm {
  readonly field: string;
  readonly test: FilterTest;
}

export type FilterTest =
  | { readonly kind: "equals"; readonly value: string }
  /** Written with an asterisk at the end: `name = "ngi*"`. */
  | { readonly kind: "prefix"; readonly value: string }
  /** `labels.team:*` */
  | { readonly kind: "present" };

const MAX_LENGTH = 2_000;
const MAX_TERMS = 20;
const TERM =
  /\s*(?<field>[a-z_]+(?:\.[a-z0-9][a-z0-9._/-]*)?)\s*(?:(?<present>:\s*\*)|=\s*(?:"(?<quoted>(?:[^"\\]|\\.)*)"|(?<bare>[^\s"]+)))\s*/y;
const AND = /AND(?=\s)/y;

/**
 * Reads terms joined by " AND "; "" has none.
 * @throws Fault ARGUMENT_INVALID that names the place.
 */
export function parseFilter(filter: string): FilterTerm[] {
  if (filter.length > MAX_LENGTH) throw filterInvalid(`it has more than ${MAX_LENGTH} characters`);
  const terms: FilterTerm[] = [];
  let at = 0;
  while (filter.slice(at).trim() !== "") {
    if (terms.length > 0) at = expect(AND, filter, at).end;
    const { groups, end } = expect(TERM, filter, at);
    terms.push({ field: groups.field ?? "", test: readTest(groups) });
    if (terms.length > MAX_TERMS) throw filterInvalid(`it has more than ${MAX_TERMS} terms`);
    at = end;
    if (at === filter.length) break;
  }
  return terms;
}

function expect(pattern: RegExp, filter: string, at: number): { groups: Partial<Record<string, string>>; end: number } {
  pattern.lastIndex = at;
  const match = pattern.exec(filter);
  if (!match) throw filterInvalid(`expected ${pattern === AND ? "AND" : 'field = "value"'} at character ${at + 1}`);
  return { groups: match.groups ?? {}, end: pattern.lastIndex };
}

function readTest({ present, quoted, bare }: Partial<Record<string, string>>): FilterTest {
  if (present !== undefined) return { kind: "present" };
  const written = quoted ?? bare ?? "";
  if (/(?<!\\)\*$/.test(written)) return { kind: "prefix", value: withoutEscapes(written.slice(0, -1)) };
  return { kind: "equals", value: withoutEscapes(written) };
}

function withoutEscapes(text: string): string {
  return text.replace(/\\(.)/gs, "$1");
}

/** The refusal of a filter. */
export function filterInvalid(why: string): Fault {
  return new Fault("ARGUMENT_INVALID", `the filter cannot be used: ${why}`, { field: "filter" });
}
