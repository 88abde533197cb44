import type { BlobRef, Cache } from "#internal/cache/cache.ts";
import type { FileRoute } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";

/** The digest that a file had when it was first fetched. It outlives the file's eviction: the same version keeps the same bytes. */
export interface FirstSeen {
  /** Hex SHA-256; undefined for what may change, and for what was never fetched. */
  find(repository: Repository, route: FileRoute): string | undefined;
  record(repository: Repository, route: FileRoute, upstreamUrl: string, blob: BlobRef): Promise<void>;
}

export function createFirstSeen(cache: Cache): FirstSeen {
  // A scope of its own: documents are announced again and again, and would replace it. No uid has a blank.
  const scopeOf = ({ uid }: Repository): string => `${uid} first seen`;

  const find = (repository: Repository, { mutable, path }: FileRoute): string | undefined =>
    mutable ? undefined : cache.findAnnouncement(scopeOf(repository), path)?.digests.sha256;

  return {
    find,
    async record(repository, route, upstreamUrl, { digest, sizeBytes }) {
      if (route.mutable || find(repository, route) !== undefined) return;
      const { path } = route;
      await cache.announce(scopeOf(repository), [{ path, upstreamUrl, digests: { sha256: digest }, sizeBytes }]);
    },
  };
}
