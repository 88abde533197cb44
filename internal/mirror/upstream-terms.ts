import type { Entry } from "#internal/cache/cache.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { Upstream, UpstreamRequest, UpstreamResponse } from "#internal/upstream/upstream.ts";

/**
 * Headers that make a request to `url` conditional. Validators belong to the address that they came from: another one's match would be
 * chance.
 */
export function validators(entry: Entry | undefined, url: string): Record<string, string> {
  if (entry?.status !== 200 || entry.upstreamUrl !== url) return {};
  return {
    ...(entry.upstreamEtag !== undefined && { "if-none-match": entry.upstreamEtag }),
    ...(entry.upstreamLastModified !== undefined && { "if-modified-since": entry.upstreamLastModified }),
  };
}

/** The entry after the upstream said that it is unchanged. A 304 may bring new validators (RFC 9111 §4.3.4). */
export function confirmed(
  entry: Entry,
  { headers }: UpstreamResponse,
  nowMs: number,
  freshForMs: number | undefined,
): Entry {
  return {
    ...entry,
    upstreamEtag: headers.etag ?? entry.upstreamEtag,
    upstreamLastModified: headers["last-modified"] ?? entry.upstreamLastModified,
    checkedAtMs: nowMs,
    freshForMs,
  };
}

/** @throws Fault UPSTREAM_OFFLINE when nothing may go out for this repository. */
export function checkOnline({ id, upstreamMode }: Repository): void {
  if (upstreamMode === "ONLINE") return;
  throw new Fault(
    "UPSTREAM_OFFLINE",
    `repository ${id} is offline by an operator's choice, and this is not kept here`,
    {
      repository: id,
    },
  );
}

/**
 * Whether the upstream failed lately and has not answered since. Who has an old copy then sends it at once: only the probe, behind
 * everybody's back, waits for a time-out.
 */
export function isTroubled(
  upstream: Upstream,
  { upstreamMode }: Repository,
  url: string,
  pathClass: UpstreamRequest["pathClass"],
): boolean {
  if (upstreamMode === "OFFLINE") return false;
  const { origin } = new URL(url);
  return upstream
    .status()
    .some((one) => one.origin === origin && one.pathClass === pathClass && one.breaker !== "closed");
}
