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
  const parameters = [
    HANDLED[verdict],
    ...(detail === "joined" ? ["collapsed"] : []),
    ...(ttlMs === undefined ? [] : [`ttl=${Math.round(ttlMs / 1000)}`]),
    ...(detail === undefined ? [] : [`detail=${detail}`]),
  ];
  return { "x-cache": verdict, "cache-status": `larder; ${parameters.join("; ")}` };
}

/** Headers of a resolution that do not depend on range or method. */
export function answerHeaders(
  resolution: Resolution,
  repository: Repository,
  negotiated: boolean,
  etag: string | undefined,
): Record<string, string> {
  const { verdict, freshForMs, ageMs, contentType, encoding, lastModified, detail } = resolution;
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
