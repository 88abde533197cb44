import type { Entry } from "#internal/cache/cache.ts";
import { type Fault, isFault } from "#internal/fault/fault.ts";
import type { Resolution, Verdict } from "./mirror.ts";

/** Whether the entry may be sent without asking the upstream. A clock that went backwards does not make it eternal. */
export function isFresh(entry: Entry, nowMs: number): boolean {
  if (entry.freshForMs === undefined) return true;
  const ageMs = nowMs - entry.checkedAtMs;
  return ageMs >= 0 && ageMs < entry.freshForMs;
}

/** An operator who lets documents be fresh for less wants to see every change at once. */
const MIN_FRESH_MS = 1_000;
/** Older ones wait for the upstream: a build may miss what was published within the hour, not what was published yesterday. */
const MAX_STALE_MS = 3_600_000;

/** Whether it has expired so lately that it may be sent while the upstream is asked (stale-while-revalidate of RFC 5861). */
export function hasExpiredLately({ freshForMs, checkedAtMs }: Entry, nowMs: number): boolean {
  if (freshForMs === undefined || freshForMs < MIN_FRESH_MS) return false;
  const staleMs = nowMs - checkedAtMs - freshForMs;
  return staleMs >= 0 && staleMs < MAX_STALE_MS;
}

/** An old answer beats no answer: a build must survive an upstream's outage, its lies, and a disk that takes nothing new. */
export function isOutage(error: unknown): error is Fault {
  return isFault(
    error,
    "UPSTREAM_UNAVAILABLE",
    "UPSTREAM_RATE_LIMITED",
    "UPSTREAM_REFUSED",
    "UPSTREAM_FORBIDDEN",
    "UPSTREAM_OFFLINE",
    "UPSTREAM_INVALID",
    "UPSTREAM_NOT_FOUND",
    "LIMIT_EXCEEDED",
    "STORAGE_UNAVAILABLE",
  );
}

/** What every answer from the same entry says of its age. */
export function agesOf(entry: Entry, nowMs: number): Pick<Resolution, "ageMs" | "freshForMs"> {
  const ageMs = Math.max(0, nowMs - entry.checkedAtMs);
  return { ageMs, freshForMs: entry.freshForMs === undefined ? undefined : Math.max(0, entry.freshForMs - ageMs) };
}

/** The answer of a remembered absence. */
export function absence(entry: Entry, nowMs: number, verdict: Verdict, detail: string | undefined): Resolution {
  return {
    verdict: verdict === "HIT" ? "NEGATIVE" : verdict,
    status: 404,
    contentType: "",
    encoding: "identity",
    ...agesOf(entry, nowMs),
    lastModified: undefined,
    detail,
    body: undefined,
  };
}
