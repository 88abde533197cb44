import type { Entry } from "#internal/cache/cache.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { UpstreamRequest } from "#internal/upstream/upstream.ts";
import { hasExpiredLately } from "./freshness.ts";
import type { MirrorDeps } from "./mirror-deps.ts";
import { isTroubled } from "./upstream-terms.ts";

/** What a client gets that waits no longer. */
export interface Patience {
  readonly old: Entry;
  readonly limitMs: number;
  /** A fault's reason or "revalidating". */
  readonly detail: string;
}

/** How long a client waits for the upstream when there is something old for it. Undefined: to the end. */
export function patienceFor(
  { upstream, nowMs, patienceMs }: Pick<MirrorDeps, "upstream" | "nowMs" | "patienceMs">,
  old: Entry | undefined,
  repository: Repository,
  url: string,
  pathClass: UpstreamRequest["pathClass"],
): Patience | undefined {
  if (old?.status !== 200) return undefined;
  // Only the probe, behind everybody's back, waits for a time-out.
  if (isTroubled(upstream, repository, url, pathClass)) return { old, limitMs: 0, detail: "UPSTREAM_UNAVAILABLE" };
  return hasExpiredLately(old, nowMs()) ? { old, limitMs: patienceMs, detail: "revalidating" } : undefined;
}

/** What `work` comes to within `limitMs`. Undefined: it goes on behind, and what it finds is kept for the next one who asks. */
export async function inTime<T>(work: Promise<T>, limitMs: number): Promise<T | undefined> {
  const { promise: limit, resolve } = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => resolve(undefined), limitMs);
  if (limitMs === 0) resolve(undefined);
  try {
    // Who lost the race may still fail without taking the process down.
    return await Promise.race([limit, work]);
  } finally {
    clearTimeout(timer);
  }
}
