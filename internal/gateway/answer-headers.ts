import { createHash } from "node:crypto";
import type { Body, Resolution, Verdict } from "#internal/mirror/mirror.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { SAFETY_HEADERS } from "./safety-headers.ts";

/** RFC 9211 §2: an answer that went forward is no hit, even when what came of it was the stored one. */
const HANDLED: Readonly<Record<Verdict, string>> = {
  HIT: "hit",
  NEGATIVE: "hit",
  MISS: "fwd=miss",
  STALE: "fwd=stale",
  REVALIDATED: "fwd=stale; fwd-status=304",
  BYPASS: "fwd=bypass",
};

/** Strong entity tag of a resolution's bytes; undefined while nobody knows their digest. */
export function etagOf({ body }: Resolution): string | undefined {
  const digest = body && digestOf(body);
  return digest === undefined ? undefined : `"${digest}"`;
}

function digestOf(body: Body): string | undefined {
  switch (body.kind) {
    case "blob":
      return body.blob.digest;
    case "stream":
      return body.stream.digest;
    case "bytes":
      // Rare: a document that changed while this form of it was made.
      return createHash("sha256").update(body.bytes).digest("hex");
  }
}

/** Headers that tell what happened; on answers and refusals alike. `detail` is a fault's reason or "joined". */
export function statusHeaders(
  verdict: Verdict,
  ttlMs: number | undefined,
  detail: string | undefined,
): Record<string, string> {
  return { "x-cache": verdict, "cache-status": cacheStatus(verdict, ttlMs, detail) };
}

function cacheStatus(verdict: Verdict, ttlMs: number | undefined, detail: string | undefined): string {
  let status = `larder; ${HANDLED[verdict]}`;
  if (detail === "joined") status += "; collapsed";
  if (ttlMs !== undefined) status += `; ttl=${Math.round(ttlMs / 1000)}`;
  if (detail !== undefined) status += `; detail=${detail}`;
  return status;
}

/** Headers of a resolution that do not depend on range or method; of a 304 too. Built in one go: this is the hit path. */
export function answerHeaders(
  { verdict, freshForMs, ageMs, lastModified, detail }: Resolution,
  repository: Repository,
  negotiated: boolean,
  etag: string | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {
    ...SAFETY_HEADERS,
    "x-cache": verdict,
    "cache-status": cacheStatus(verdict, freshForMs, detail),
    age: String(Math.floor(ageMs / 1000)),
    "accept-ranges": "bytes",
    "cache-control": cacheControl(repository, freshForMs),
  };
  const vary = varyOf(repository, negotiated);
  if (vary !== undefined) headers.vary = vary;
  if (etag !== undefined) headers.etag = etag;
  if (lastModified !== undefined) headers["last-modified"] = lastModified;
  return headers;
}

function cacheControl({ visibility }: Repository, freshForMs: number | undefined): string {
  const scope = visibility === "PUBLIC" ? "public" : "private";
  if (freshForMs === undefined) return `${scope}, max-age=31536000, immutable`;
  // Not younger than we know it: a client adds its own time to our Age.
  return `${scope}, max-age=${Math.floor(freshForMs / 1000)}`;
}

function varyOf({ visibility }: Repository, negotiated: boolean): string | undefined {
  if (visibility === "PUBLIC") return negotiated ? "Accept, Accept-Encoding" : undefined;
  return negotiated ? "Accept, Accept-Encoding, Authorization" : "Authorization";
}
