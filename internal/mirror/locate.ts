import type { StoredAnnouncement } from "#internal/cache/cache.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Digests, DocumentRef, FileRoute } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { Documents } from "./documents.ts";
import { documentKey } from "./keys.ts";
import type { MirrorDeps } from "./mirror-deps.ts";

/** Where a file is upstream, and what is known of it beforehand. */
export interface FileSource {
  readonly url: string;
  readonly digests: Digests;
  readonly sizeBytes: number | undefined;
}

/** A document that was confirmed less than this ago is believed when it does not list a file; an older one is read again (publish races). */
const RELOAD_AFTER_MS = 5_000;

/** Finds where to fetch a file: by its announcement, asking for the announcing document where that must be. */
export function createLocate({ cache, nowMs }: MirrorDeps, documents: Documents) {
  return async (repository: Repository, route: FileRoute): Promise<FileSource> => {
    if (!route.announcedBy) {
      const url = new URL(route.upstreamPath ?? route.path, repository.upstreamUrl).href;
      return { url, digests: {}, sizeBytes: undefined };
    }
    const announcement =
      cache.findAnnouncement(repository.uid, route.path) ??
      (await askDocument(repository, route.path, route.announcedBy));
    checkOrigin(
      repository,
      announcement.upstreamUrl,
      cache.find(documentKey(repository, route.announcedBy))?.upstreamUrl,
    );
    const { upstreamUrl, digests, sizeBytes } = announcement;
    return { url: upstreamUrl, digests, sizeBytes };
  };

  async function askDocument(repository: Repository, path: string, document: DocumentRef): Promise<StoredAnnouncement> {
    const key = documentKey(repository, document);
    const kept = cache.find(key);
    if (kept && nowMs() - kept.checkedAtMs < RELOAD_AFTER_MS) throw notListed(path, document);

    const ask = { repository, document, key, representation: "", gzip: false, body: undefined };
    const { verdict, detail } = await documents.reload(ask);
    const announcement = cache.findAnnouncement(repository.uid, path);
    if (announcement) return announcement;
    // An old document that does not list the file says nothing of today.
    if (verdict === "STALE" && detail !== "UPSTREAM_NOT_FOUND") {
      throw new Fault("UPSTREAM_UNAVAILABLE", `the upstream cannot be asked about ${path} now (${detail})`);
    }
    throw notListed(path, document);
  }
}

function notListed(path: string, document: DocumentRef): Fault {
  return new Fault("UPSTREAM_NOT_FOUND", `${path} is not listed in the upstream's ${document.kind} ${document.key}`);
}

/** An address in a document is data: it leads to the upstream's own origin, where it was redirected, or where the repository allows. */
function checkOrigin(repository: Repository, fileUrl: string, documentUrl: string | undefined): void {
  const { origin } = new URL(fileUrl);
  const own = [repository.upstreamUrl, ...(documentUrl === undefined ? [] : [documentUrl])].map(
    (url) => new URL(url).origin,
  );
  if ([...own, ...repository.fileOrigins].includes(origin)) return;
  throw new Fault(
    "UPSTREAM_FORBIDDEN",
    `the upstream keeps this file at ${origin}, which is not among the file origins of repository ${repository.id}`,
    { origin, repository: repository.id },
  );
}
