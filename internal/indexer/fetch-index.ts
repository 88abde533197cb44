import type { Format } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";

/** What an upstream gave with the index that was read last. */
export interface IndexValidators {
  /** "" when there was none. */
  readonly etag: string;
  readonly lastModified: string;
}

/** The upstream's definite answer. */
export type FetchedIndex =
  | { readonly status: 304 }
  | {
      readonly status: 200;
      /** Content coding taken off. */
      readonly body: Buffer;
      readonly contentType: string;
      /** After redirects. */
      readonly url: string;
      /** Before redirects. */
      readonly requestedUrl: string;
      readonly etag: string;
      readonly lastModified: string;
    };

/**
 * Asks the repository's upstream for the format's index; with validators, only if it has changed.
 * @throws Fault UPSTREAM_NOT_FOUND, UPSTREAM_UNAVAILABLE and the others of upstream/; LIMIT_EXCEEDED when it is larger than its
 * `DocumentKind.maxBytes`.
 */
export type FetchIndex = (
  repository: Repository,
  format: Format,
  validators: IndexValidators | undefined,
  signal: AbortSignal,
) => Promise<FetchedIndex>;
