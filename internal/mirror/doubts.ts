import { readFile } from "node:fs/promises";
import { Fault, isFault } from "#internal/fault/fault.ts";
import type { DocumentKind, DocumentSource, ParsedDocument } from "#internal/format/format.ts";
import { suspicionOf } from "#internal/format/standing.ts";

/** A kept original: what an upstream's new document follows. Plain data: it crosses to a worker thread. */
export interface Predecessor {
  /** File with the decoded body. */
  readonly path: string;
  readonly contentType: string;
}

/**
 * Compares a document that has just been read with the one that is kept.
 * @throws Fault UPSTREAM_INVALID with facts.suspicion when it is the older one, or only a part.
 */
export async function checkSuccession(
  kind: DocumentKind,
  source: DocumentSource,
  document: ParsedDocument,
  { path, contentType }: Predecessor,
): Promise<void> {
  const sent = document.standing?.();
  if (!sent) return;
  const kept = await standingOf(kind, { ...source, contentType }, path);
  const suspicion = kept && suspicionOf(kept, sent);
  if (!suspicion) return;
  throw new Fault(
    "UPSTREAM_INVALID",
    `the upstream's document of ${source.ref.key} was ${suspicion}; the one before is kept until it is purged`,
    {
      suspicion,
      document: source.ref.key,
      keptReleases: String(kept.releases.length),
      sentReleases: String(sent.releases.length),
      ...(kept.revision !== undefined && { keptRevision: String(kept.revision) }),
      ...(sent.revision !== undefined && { sentRevision: String(sent.revision) }),
    },
  );
}

/** Undefined: it is gone or damaged, so there is nothing to compare with. */
async function standingOf(kind: DocumentKind, source: DocumentSource, path: string) {
  try {
    return kind.parse({ ...source, body: await readFile(path) }).standing?.();
  } catch (error) {
    if (isFault(error) || (error as NodeJS.ErrnoException).code !== undefined) return undefined;
    throw error;
  }
}

/** Which documents were refused, so that the same one is neither fetched, read nor told of again with every request. */
export interface Doubts {
  /** @throws Fault that this very document was refused with. */
  recall(key: string, tag: string | undefined): void;
  /** True: this is news. */
  remember(key: string, tag: string | undefined, fault: Fault): boolean;
}

const MOST_DOUBTS = 1_000;

/** Keys are cache keys, tags are the upstream's entity tags. */
export function createDoubts(): Doubts {
  const doubts = new Map<string, { readonly tag: string | undefined; readonly fault: Fault }>();
  return {
    recall(key, tag) {
      const doubt = doubts.get(key);
      if (doubt && tag !== undefined && doubt.tag === tag) throw doubt.fault;
    },
    remember(key, tag, fault) {
      const known = doubts.get(key);
      const [oldest] = doubts.keys();
      if (!known && doubts.size >= MOST_DOUBTS && oldest !== undefined) doubts.delete(oldest);
      doubts.set(key, { tag, fault });
      return known?.fault.message !== fault.message;
    },
  };
}
