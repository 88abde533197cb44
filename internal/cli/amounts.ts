import { type Duration, durationMs, type Timestamp, timestampDate } from "@bufbuild/protobuf/wkt";

const SIZE_UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];
const AGE_UNITS: readonly (readonly [unit: string, unitMs: number])[] = [
  ["y", 365 * 86_400_000],
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
];

/** `1,234`. */
export function countText(count: number | bigint): string {
  return count.toLocaleString("en-US");
}

/** `12.3 MB`, decimal. */
export function sizeText(sizeBytes: number | bigint): string {
  let amount = Number(sizeBytes);
  let unit = 0;
  // What would be rounded up to 1000.0 belongs to the next unit.
  while (amount >= (unit === 0 ? 1_000 : 999.95) && unit < SIZE_UNITS.length - 1) {
    amount /= 1_000;
    unit += 1;
  }
  return `${unit === 0 ? amount : amount.toFixed(1)} ${SIZE_UNITS[unit]}`;
}

/** The largest whole unit: `3d`, `14m`; `0s` for less than a second and for the future. */
export function spanText(spanMs: number): string {
  const [unit, unitMs] = AGE_UNITS.find(([, candidateMs]) => spanMs >= candidateMs) ?? ["s", 1_000];
  return `${Math.floor(Math.max(0, spanMs) / unitMs)}${unit}`;
}

/** How long ago; empty when it is not set. */
export function ageText(time: Timestamp | undefined, nowMs: number): string {
  return time ? spanText(nowMs - timestampDate(time).getTime()) : "";
}

/** How far ahead, `expired` when it is past, `never` when it is not set. */
export function expiryText(time: Timestamp | undefined, nowMs: number): string {
  if (!time) return "never";
  const leftMs = timestampDate(time).getTime() - nowMs;
  return leftMs > 0 ? spanText(leftMs) : "expired";
}

/** ISO 8601 in UTC and the age in brackets; empty when it is not set. */
export function timeText(time: Timestamp | undefined, nowMs: number): string {
  return time ? `${timestampDate(time).toISOString()} (${ageText(time, nowMs)} ago)` : "";
}

/** `250ms`, `1.5s`, `5m`, `1h30m`: as options take it; empty when it is not set. */
export function durationText(duration: Duration | undefined): string {
  if (!duration) return "";
  const spanMs = durationMs(duration);
  if (spanMs < 1_000) return spanMs === 0 ? "0" : `${Math.round(spanMs)}ms`;
  const hours = Math.floor(spanMs / 3_600_000);
  const minutes = Math.floor((spanMs % 3_600_000) / 60_000);
  const seconds = Math.round((spanMs % 60_000) / 100) / 10;
  return `${hours ? `${hours}h` : ""}${minutes ? `${minutes}m` : ""}${seconds ? `${seconds}s` : ""}`;
}
