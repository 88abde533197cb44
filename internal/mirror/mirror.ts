import type { BlobRef } from "#internal/cache/cache.ts";
import type { DocumentRoute, FileRoute, FormatRequest, QueryRoute } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";

/** Decides what a registry request is answered with, and fetches what is absent. */
export interface Mirror {
  /** What is kept and fresh, without waiting for anything. Undefined: `resolve` must decide. */
  find(request: MirrorRequest): Resolution | undefined;
  /**
   * Asks the upstream where it must.
   * @throws Fault UPSTREAM_* when there is no answer, not even an old one; DIGEST_MISMATCH; LIMIT_EXCEEDED.
   */
  resolve(request: MirrorRequest): Promise<Resolution>;
}

export interface MirrorRequest {
  readonly repository: Repository;
  readonly route: DocumentRoute | FileRoute | QueryRoute;
  /** As it came; a mirror in another process routes it again. */
  readonly original: FormatRequest;
  /** Body of a query, decoded. */
  readonly body?: Buffer;
  /** What the client accepts besides identity. */
  readonly gzip: boolean;
  /** The bytes of an earlier answer to this request were gone from the disk, or damaged: make or fetch them anew. */
  readonly lost?: boolean;
}

/** X-Cache. */
export type Verdict = "HIT" | "MISS" | "STALE" | "REVALIDATED" | "NEGATIVE" | "BYPASS";

/** A verdict with all that the answer's headers need. */
export interface Resolution {
  readonly verdict: Verdict;
  /** 404: a remembered absence, without a body. */
  readonly status: 200 | 404;
  readonly contentType: string;
  readonly encoding: "identity" | "gzip" | "br" | "zstd";
  /** Since the upstream last confirmed it. */
  readonly ageMs: number;
  /** How long it stays fresh from now; undefined: for ever. */
  readonly freshForMs: number | undefined;
  /** HTTP date of the upstream's; only where the bytes are the upstream's own. */
  readonly lastModified: string | undefined;
  /** Why, for Cache-Status: a fault's reason, "joined" or "revalidating". */
  readonly detail: string | undefined;
  readonly body: Body | undefined;
}

export type Body =
  /** On disk and verified. */
  | { readonly kind: "blob"; readonly blob: BlobRef }
  /** In memory. */
  | { readonly kind: "bytes"; readonly bytes: Buffer }
  /** Still being fetched, or in another process. */
  | { readonly kind: "stream"; readonly stream: BodyStream };

export interface BodyStream {
  /** Undefined: not known before the end. */
  readonly sizeBytes: number | undefined;
  /** Hex SHA-256 that the bytes will have; undefined when nobody announced it. */
  readonly digest: string | undefined;
  /**
   * Bytes from `start` up to `end` (exclusive; undefined: to the end). The last bytes of the answer come only after the whole file was verified.
   * A chunk may be overwritten when the next one is asked for. Iterating throws the Fault that ended the fetch.
   */
  read(start: number, end: number | undefined): AsyncIterable<Buffer>;
}
