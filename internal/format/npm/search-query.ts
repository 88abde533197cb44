const MAX_SIZE = 250;
const MAX_FROM = 10_000;
/** The weights of the ranking, 0 to 1. */
const WEIGHTS = ["quality", "popularity", "maintenance"] as const;
/** A normalised query is part of a cache key. */
const MAX_BYTES = 800;

/**
 * A search query with its known parameters in a fixed order and in their limits (size ≤ 250), so that equal questions are one
 * cache entry. Undefined: the text is too long.
 */
export function normalisedSearch(query: string): string | undefined {
  const asked = new URLSearchParams(query);
  const kept = new URLSearchParams();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is cut
  kept.set("text", (asked.get("text") ?? "").replace(/[\u0000-\u001f\u007f\s]+/g, " ").trim());
  for (const [name, limit] of [
    ["size", MAX_SIZE],
    ["from", MAX_FROM],
  ] as const) {
    const value = asked.get(name);
    if (value !== null && /^\d+$/.test(value)) kept.set(name, String(Math.min(Number(value), limit)));
  }
  for (const name of WEIGHTS) {
    const value = Number(asked.get(name) ?? Number.NaN);
    if (value >= 0 && value <= 1) kept.set(name, String(value));
  }
  const normalised = kept.toString();
  return normalised.length <= MAX_BYTES ? normalised : undefined;
}
