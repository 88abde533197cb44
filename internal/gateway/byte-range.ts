import { Fault } from "#internal/fault/fault.ts";

/** Bytes from `start` up to `end`, exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * Reads a `Range` header (RFC 9110 §14.2) for a body of `sizeBytes`. Undefined: send the whole, because there is no range, or one
 * that a server may ignore (another unit, several ranges, bad syntax).
 * @throws Fault RANGE_NOT_SATISFIABLE
 */
export function parseRange(header: string | undefined, sizeBytes: number): ByteRange | undefined {
  const { first, last } = /^bytes=\s*(?<first>\d*)-(?<last>\d*)\s*$/i.exec(header ?? "")?.groups ?? {};
  if (first === undefined || last === undefined || (first === "" && last === "")) return undefined;
  if (first !== "" && last !== "" && Number(last) < Number(first)) return undefined;

  const start = first === "" ? Math.max(0, sizeBytes - Number(last)) : Number(first);
  const end = first === "" || last === "" ? sizeBytes : Math.min(Number(last) + 1, sizeBytes);
  if (start >= end) {
    throw new Fault("RANGE_NOT_SATISFIABLE", `the body has ${sizeBytes} bytes`, { sizeBytes: String(sizeBytes) });
  }
  return { start, end };
}
