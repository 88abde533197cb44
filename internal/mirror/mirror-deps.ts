import type { Cache } from "#internal/cache/cache.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { Upstream, UpstreamAccess } from "#internal/upstream/upstream.ts";
import type { Deriver } from "./deriver.ts";
import type { Ledger } from "./ledger.ts";

/** What the mirror is built from. */
export interface MirrorDeps {
  readonly cache: Cache;
  readonly upstream: Upstream;
  readonly deriver: Deriver;
  /** First digests that outlive the cache. */
  readonly ledger: Pick<Ledger, "find" | "record">;
  /** What a repository's requests may do upstream, its credential included. */
  accessOf(repository: Repository): Promise<UpstreamAccess>;
  /** Our own base URL of a repository, ends in "/". */
  repositoryUrl(repository: Repository): string;
  /** Tells the repository's events of something that a person should know. Never fails. */
  report(event: MirrorEvent): void;
  nowMs(): number;
  /** For repositories that do not say how long a document is fresh. */
  readonly metadataTtlMs: number;
  /** Who asks for what has expired lately waits so long for the upstream, then gets the old copy; the new one is kept when it comes. */
  readonly patienceMs: number;
  /** Larger documents are LIMIT_EXCEEDED, whatever their kind allows. */
  readonly documentMaxBytes: number;
  /** Larger files are LIMIT_EXCEEDED. */
  readonly fileMaxBytes: number;
}

export interface MirrorEvent {
  readonly repository: Repository;
  readonly type: "DIGEST_MISMATCH" | "BLOB_ROTTEN" | "DOCUMENT_REFUSED" | "UPSTREAM_REFUSED";
  readonly message: string;
  readonly facts: Readonly<Record<string, string>>;
}

/** How long a definite 404 is remembered: long enough to shield the upstream, short enough for a publish. */
export const NEGATIVE_TTL_MS = 60_000;
