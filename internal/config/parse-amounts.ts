const DURATION_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const DURATION = /^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/;
const DURATION_PART = /(\d+(?:\.\d+)?)(ms|[smhd])/g;
const TEN_YEARS_MS = 3_653 * 86_400_000;

const SIZE = /^(\d+(?:\.\d+)?) ?([kmgt]i?)?b?$/i;
const SIZE_BYTES: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  m: 1e6,
  g: 1e9,
  t: 1e12,
  ki: 2 ** 10,
  mi: 2 ** 20,
  gi: 2 ** 30,
  ti: 2 ** 40,
};

/** `300s`, `5m`, `1h30m`, `250ms`, `0`. In milliseconds. @throws Error that says the rule. */
export function parseDurationMs(text: string): number {
  if (text === "0") return 0;
  if (!DURATION.test(text)) throw new Error("must be a duration with units, e.g. 300s, 5m, 1h30m or 0");
  let totalMs = 0;
  for (const [, amount, unit] of text.matchAll(DURATION_PART))
    totalMs += Number(amount) * (DURATION_MS[unit ?? ""] ?? 0);
  if (totalMs > TEN_YEARS_MS) throw new Error("must be at most ten years");
  return Math.round(totalMs);
}

/** As `parseDurationMs`, above zero. */
export function parsePositiveDurationMs(text: string): number {
  const durationMs = parseDurationMs(text);
  if (durationMs <= 0) throw new Error("must be a duration above 0, e.g. 5s");
  return durationMs;
}

/** `10GB` (decimal), `512MiB` (binary), or plain bytes. @throws Error that says the rule. */
export function parseSizeBytes(text: string): number {
  const [, amount, unit = ""] = SIZE.exec(text) ?? [];
  const bytes = Math.floor(Number(amount) * (SIZE_BYTES[unit.toLowerCase()] ?? 0));
  if (amount === undefined || !Number.isSafeInteger(bytes))
    throw new Error("must be a size, e.g. 10GB, 512MiB or plain bytes");
  return bytes;
}

/** Parser of whole numbers between two bounds, both included. */
export function parseIntegerBetween(least: number, most: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(number >= least && number <= most)) throw new Error(`must be a whole number from ${least} to ${most}`);
    return number;
  };
}
