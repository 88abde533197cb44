interface MediaRange {
  /** "type/subtype", "type/*" or "*\/*", lower case. */
  readonly type: string;
  readonly quality: number;
}

/** A client sends the same header every time, and reading it took a third of a route. */
const known = new Map<string, readonly MediaRange[]>();
const MAX_KNOWN = 256;
const MAX_KNOWN_LENGTH = 512;

/**
 * The offered media type that an Accept header likes best (RFC 9110 §12.5.1): highest q, then the order of `offered`. No header
 * or an empty one accepts everything. The most specific range decides a type's q; parameters other than q are ignored.
 *
 * Undefined: nothing that is offered is acceptable.
 */
export function preferred(acceptHeader: string | string[] | undefined, offered: readonly string[]): string | undefined {
  const ranges = rangesOf(Array.isArray(acceptHeader) ? acceptHeader.join(",") : (acceptHeader ?? ""));
  if (ranges.length === 0) return offered[0];

  let best: string | undefined;
  let bestQuality = 0;
  for (const type of offered) {
    const quality = qualityOf(type.toLowerCase(), ranges);
    if (quality > bestQuality) [best, bestQuality] = [type, quality];
  }
  return best;
}

function rangesOf(header: string): readonly MediaRange[] {
  const before = known.get(header);
  if (before) return before;
  const ranges = header
    .split(",")
    .map(rangeOf)
    .filter((range) => range !== undefined);
  if (known.size >= MAX_KNOWN) known.clear();
  if (header.length <= MAX_KNOWN_LENGTH) known.set(header, ranges);
  return ranges;
}

function rangeOf(text: string): MediaRange | undefined {
  const [type = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  // Java's old HTTP client sends a lone "*".
  if (type === "*") return { type: "*/*", quality: qualityIn(parameters) };
  return type.includes("/") ? { type, quality: qualityIn(parameters) } : undefined;
}

function qualityIn(parameters: readonly string[]): number {
  const text = parameters.find((parameter) => parameter.startsWith("q="))?.slice(2);
  if (text === undefined) return 1;
  const quality = Number(text);
  return Number.isNaN(quality) ? 0 : Math.min(Math.max(quality, 0), 1);
}

function qualityOf(type: string, ranges: readonly MediaRange[]): number {
  for (const candidate of [type, `${type.slice(0, type.indexOf("/"))}/*`, "*/*"]) {
    const range = ranges.find((one) => one.type === candidate);
    if (range) return range.quality;
  }
  return 0;
}
