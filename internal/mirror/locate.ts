import type { StoredAnnouncement } from "#internal/cache/cache.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Digests, DocumentRef, FileRoute } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { DocumentAsk, DocumentOutcome } from "./document-ask.ts";
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
    const { path, announcedBy } = route;
    if (!announcedBy) {
      const url = new URL(route.upstreamPath ?? path, repository.upstreamUrl).href;
      return { url, digests: {}, sizeBytes: undefined };
    }
    const known = cache.findAnnouncement(repository.uid, path);
    const announcement = known ?? (await askDocument(repository, path, announcedBy));
    await checkOrigin(repository, announcement.upstreamUrl, announcedBy);
    const { upstreamUrl, digests, sizeBytes } = announcement;
    return { url: upstreamUrl, digests, sizeBytes };
  };

  async function askDocument(repository: Repository, path: string, document: DocumentRef): Promise<StoredAnnouncement> {
    const kept = cache.find(documentKey(repository, document));
    if (kept && nowMs() - kept.checkedAtMs < RELOAD_AFTER_MS) throw notListed(path, document);
    const { fault } = await reload(repository, document);
    const announcement = cache.findAnnouncement(repository.uid, path);
    if (announcement) return announcement;
    // An old document that does not list the file says nothing of today.
    throw fault ?? notListed(path, document);
  }

  function reload(repository: Repository, document: DocumentRef): Promise<DocumentOutcome> {
    const key = documentKey(repository, document);
    const ask: DocumentAsk = { repository, document, key, representation: undefined, gzip: false, body: undefined };
    return documents.reload(ask);
  }

  /** An address in a document is data: it leads to the upstream's own origin, where it was redirected, or where the repository allows. */
  async function checkOrigin(repository: Repository, fileUrl: string, document: DocumentRef): Promise<void> {
    const { origin } = new URL(fileUrl);
    if ([new URL(repository.upstreamUrl).origin, ...repository.fileOrigins].includes(origin)) return;
    // Where the upstream redirects is known from the document, which may have been evicted.
    const entry = cache.find(documentKey(repository, document)) ?? (await reload(repository, document)).entry;
    if (new URL(entry.upstreamUrl).origin === origin) return;
    throw new Fault(
      "UPSTREAM_FORBIDDEN",
      `the upstream keeps this file at ${origin}, which is not among the file origins of repository ${repository.id}`,
      { origin, repository: repository.id },
    );
  }
}

function notListed(path: string, document: DocumentRef): Fault {
  return new Fault("UPSTREAM_NOT_FOUND", `${path} is not listed in the upstream's ${document.kind} ${document.key}`);
}
