import { createHash } from "node:crypto";
import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { CacheVerdict, type ResolveResponseSchema } from "#gen/larder/v1/mirror_service_pb.ts";
import type { Body, Resolution, Verdict } from "#internal/mirror/mirror.ts";

export const VERDICTS: Readonly<Record<Verdict, CacheVerdict>> = {
  HIT: CacheVerdict.HIT,
  MISS: CacheVerdict.MISS,
  STALE: CacheVerdict.STALE,
  REVALIDATED: CacheVerdict.REVALIDATED,
  NEGATIVE: CacheVerdict.NEGATIVE,
  BYPASS: CacheVerdict.BYPASS,
};

/** `readToken` is "" when there is nothing to read. */
export function toResolutionMessage(
  resolution: Resolution,
  readToken: string,
): MessageInitShape<typeof ResolveResponseSchema> {
  const { verdict, status, contentType, encoding, ageMs, freshForMs, lastModified, detail, body } = resolution;
  return {
    verdict: VERDICTS[verdict],
    status,
    contentType,
    contentEncoding: encoding,
    ...(body ? bodyFields(body) : { sizeBytes: 0n }),
    age: durationFromMs(Math.round(ageMs)),
    ...(freshForMs !== undefined && { freshFor: durationFromMs(Math.round(freshForMs)) }),
    lastModified: lastModified ?? "",
    detail: detail ?? "",
    readToken,
  };
}

function bodyFields(body: Body): { digest?: string; etag?: string; sizeBytes: bigint } {
  switch (body.kind) {
    case "blob":
      return known(body.blob.digest, body.blob.sizeBytes);
    case "bytes":
      return known(createHash("sha256").update(body.bytes).digest("hex"), body.bytes.length);
    case "stream":
      return { sizeBytes: BigInt(body.stream.sizeBytes ?? -1) };
  }
}

function known(digest: string, sizeBytes: number) {
  return { digest, etag: `"${digest}"`, sizeBytes: BigInt(sizeBytes) };
}
