import type { Resolution, Verdict } from "#internal/mirror/mirror.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { SAFETY_HEADERS } from "./safety-headers.ts";

/** RFC 9211 §2.2: how the cache came to its answer. */
const FORWARDED: Readonly<Record<Verdict, string>> = {
  HIT: "hit",
  NEGATIVE: "hit",
  MISS: "fwd=miss; stored",
  STALE: "hit; fwd=stale",
  REVALIDATED: "hit; fwd=stale; fwd-status=304",
  BYPASS: "fwd=bypass",
};

/** Strong entity tag of a resolution's bytes; undefined while nobody knows their digest. */
export function etagOf({ body }: Resolution): string | undefined {
  const digest = body?.kind === "blob" ? body.blob.digest : body?.kind === "stream" ? body.stream.digest : undefined;
  return digest === undefined ? undefined : `"${digest}"`;
}

/** Headers that tell what happened; on answers and refusals alike. */
export function statusHeaders(
  verdict: Verdict,
  ttlMs: number | undefined,
  detail: string | undefined,
): Record<string, string> {
  const ttl = ttlMs === undefined ? "" : `; ttl=${Math.round(ttlMs / 1000)}`;
  const why = detail === undefined ? "" : `; detail=${detail}`;
  return { "x-cache": verdict, "cache-status": `larder; ${FORWARDED[verdict]}${ttl}${why}` };
}

/** Headers of a resolution that do not depend on range or method. */
export function answerHeaders(
  resolution: Resolution,
  repository: Repository,
  negotiated: boolean,
): Record<string, string> {
  const { verdict, freshForMs, ageMs, contentType, encoding, lastModified, detail } = resolution;
  const etag = etagOf(resolution);
  return {
    ...SAFETY_HEADERS,
    ...statusHeaders(verdict, freshForMs, detail),
    "content-type": contentType,
    age: String(Math.floor(ageMs / 1000)),
    "accept-ranges": "bytes",
    "cache-control": cacheControl(repository, freshForMs),
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { "last-modified": lastModified }),
    ...(encoding !== "identity" && { "content-encoding": encoding }),
    ...vary(repository, negotiated),
  };
}

function cacheControl({ visibility }: Repository, freshForMs: number | undefined): string {
  const scope = visibility === "PUBLIC" ? "public" : "private";
  if (freshForMs === undefined) return `${scope}, max-age=31536000, immutable`;
  // Not younger than we know it: a client adds its own time to our Age.
  return `${scope}, max-age=${Math.floor(freshForMs / 1000)}`;
}

function vary({ visibility }: Repository, negotiated: boolean): Record<string, string> {
  const names = [
    ...(negotiated ? ["Accept", "Accept-Encoding"] : []),
    ...(visibility === "PUBLIC" ? [] : ["Authorization"]),
  ];
  return names.length === 0 ? {} : { vary: names.join(", ") };
}
