import type { Entry } from "#internal/cache/cache.ts";
import type { Fault } from "#internal/fault/fault.ts";
import type { DocumentKind, DocumentRef, DocumentRoute, QueryRoute } from "#internal/format/format.ts";
import { formats } from "#internal/format/formats.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { documentKey, queryKey } from "./keys.ts";
import type { MirrorRequest, Verdict } from "./mirror.ts";

/** Asks for one representation of one upstream document. */
export interface DocumentAsk {
  readonly repository: Repository;
  readonly document: DocumentRef;
  /** In the cache. */
  readonly key: string;
  /** Undefined: none, only what the document announces. */
  readonly representation: string | undefined;
  readonly gzip: boolean;
  /** Of a query. */
  readonly body: Buffer | undefined;
  /** Its stored bytes turned out to be gone. */
  readonly lost?: boolean;
}

/** What became of asking the upstream for a document. */
export interface DocumentOutcome {
  readonly entry: Entry;
  readonly verdict: Verdict;
  /** A fault's reason, "joined" or "revalidating". */
  readonly detail: string | undefined;
  /** Why the entry is an old one, when the upstream gave no definite answer. */
  readonly fault?: Fault;
}

export function documentAsk(
  { repository, body, gzip, lost = false }: MirrorRequest,
  route: DocumentRoute | QueryRoute,
): DocumentAsk {
  const { document } = route;
  const asked = { repository, document, gzip, lost };
  if (route.kind === "document") {
    const { representation } = route;
    return { ...asked, key: documentKey(repository, document), representation, body: undefined };
  }
  const question = body ?? Buffer.alloc(0);
  return { ...asked, key: queryKey(repository, document, question), representation: "answer", body: question };
}

export function kindOf({ repository, document }: DocumentAsk): DocumentKind {
  const kind = formats.get(repository.format)?.documents[document.kind];
  if (!kind) throw new Error(`format ${repository.format} has no document kind ${document.kind}`);
  return kind;
}

/** Where the document is asked for, before redirects. */
export function addressOf({ repository, document }: DocumentAsk): string {
  return new URL(document.upstreamPath, repository.upstreamUrl).href;
}
