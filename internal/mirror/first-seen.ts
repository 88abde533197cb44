import type { BlobRef } from "#internal/cache/cache.ts";
import type { FileRoute } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { fileKey } from "./keys.ts";
import type { MirrorDeps } from "./mirror-deps.ts";

/**
 * The digest that a file had when it was first fetched: the same version keeps the same bytes. It stands in the cache's index, where it
 * outlives the file's eviction, and in the catalogue's ledger, where it outlives the cache. While the catalogue is away, the cache's decides;
 * a file that is new to the cache is taken then, and judged as soon as the catalogue is back.
 */
export interface FirstSeen {
  /** Hex SHA-256; undefined for what may change, and for what was never fetched. */
  find(repository: Repository, route: FileRoute): Promise<string | undefined>;
  record(repository: Repository, route: SeenFile, upstreamUrl: string, blob: BlobRef): Promise<void>;
}

/** What is noted of a file besides its bytes. */
export type SeenFile = Pick<FileRoute, "path" | "mutable" | "packageName" | "version">;

export function createFirstSeen({ cache, ledger, report, nowMs }: MirrorDeps): FirstSeen {
  // A scope of its own: documents are announced again and again, and would replace it. No uid has a blank.
  const scopeOf = ({ uid }: Repository): string => `${uid} first seen`;

  const pinned = (repository: Repository, path: string): string | undefined =>
    cache.findAnnouncement(scopeOf(repository), path)?.digests.sha256;

  const pin = (repository: Repository, path: string, upstreamUrl: string, digest: string): Promise<void> =>
    cache.announce(scopeOf(repository), [{ path, upstreamUrl, digests: { sha256: digest } }]);

  /** Somebody else was first, and was not to be asked when this one was fetched. */
  const disown = async (repository: Repository, route: SeenFile, url: string, first: string, digest: string) => {
    const { path } = route;
    report({
      repository,
      type: "DIGEST_MISMATCH",
      message: `${path}: it was first seen here with sha256 ${first}, the upstream sent ${digest}`,
      facts: { what: "sha256", announced: first, actual: digest, path, upstreamUrl: url },
    });
    await pin(repository, path, url, first);
    await cache.remove(fileKey(repository, route));
  };

  return {
    async find(repository, { mutable, path }) {
      if (mutable) return undefined;
      return pinned(repository, path) ?? ledger.find(repository.uid, path);
    },
    async record(repository, route, upstreamUrl, { digest, sizeBytes }) {
      const { mutable, path, packageName = "", version = "" } = route;
      if (mutable) return;
      if (pinned(repository, path) === undefined) await pin(repository, path, upstreamUrl, digest);
      const sighting = { repositoryUid: repository.uid, path, digest, sizeBytes, packageName, version };
      ledger.record({ ...sighting, seenTime: new Date(nowMs()) }, (first) => {
        // A cache that cannot be written keeps what it has; the next fetch is told the same.
        disown(repository, route, upstreamUrl, first, digest).catch(() => undefined);
      });
    },
  };
}
