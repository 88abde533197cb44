import { createHash } from "node:crypto";
import type { Cache, Entry, StoredRepresentation } from "#internal/cache/cache.ts";
import type { DocumentAsk, DocumentOutcome } from "./document-ask.ts";
import { absence, agesOf, isFresh } from "./freshness.ts";
import { representationKey } from "./keys.ts";
import type { Body, Resolution } from "./mirror.ts";
import type { MirrorDeps } from "./mirror-deps.ts";

/** Reads documents that are in the cache: no upstream, no derivation, nothing to wait for. */
export interface KeptDocuments {
  /** What is fresh and was made already. */
  find(ask: DocumentAsk): Resolution | undefined;
  /** From what the outcome's entry has; undefined when that form was not made yet. */
  kept(outcome: DocumentOutcome, ask: DocumentAsk): Resolution | undefined;
  /** The form of the entry that `ask` means. */
  storedIn(entry: Pick<Entry, "representations">, ask: DocumentAsk): StoredRepresentation | undefined;
  /** Name of a form in its entry. */
  keyOf(ask: DocumentAsk, encoding: StoredRepresentation["encoding"]): string;
  /** Whether the entry's forms were derived by this code for this base URL. */
  areCurrent(entry: Entry, ask: DocumentAsk): boolean;
  answer(
    outcome: DocumentOutcome,
    form: Pick<StoredRepresentation, "contentType" | "encoding">,
    body: Body,
  ): Resolution;
}

/** Changes when the code derives the same original differently. */
const DERIVATION_REVISION = "1";

export function createKeptDocuments({
  cache,
  repositoryUrl,
  nowMs,
}: { readonly cache: Cache } & Pick<MirrorDeps, "repositoryUrl" | "nowMs">): KeptDocuments {
  /** By base URL: this is the hit path. */
  const revisions = new Map<string, string>();
  const revisionOf = ({ repository }: DocumentAsk): string => {
    const baseUrl = repositoryUrl(repository);
    const known = revisions.get(baseUrl);
    if (known !== undefined) return known;
    const revision = createHash("sha256").update(`${DERIVATION_REVISION} ${baseUrl}`).digest("hex").slice(0, 12);
    revisions.set(baseUrl, revision);
    return revision;
  };

  const keyOf: KeptDocuments["keyOf"] = (ask, encoding) =>
    representationKey(ask.representation ?? "", encoding, revisionOf(ask));

  const storedIn: KeptDocuments["storedIn"] = ({ representations }, ask) =>
    (ask.gzip && representations[keyOf(ask, "gzip")]) || representations[keyOf(ask, "identity")];

  const find = (ask: DocumentAsk): Resolution | undefined => {
    const entry = cache.find(ask.key);
    return entry && isFresh(entry, nowMs()) ? kept({ entry, verdict: "HIT", detail: undefined }, ask) : undefined;
  };

  const kept: KeptDocuments["kept"] = (outcome, ask) => {
    const { entry, verdict, detail } = outcome;
    const stored = entry.status === 200 ? storedIn(entry, ask) : undefined;
    if (entry.status === 200 && !stored) return undefined;
    cache.touch(entry.key);
    if (!stored?.blob) return absence(entry, nowMs(), verdict, detail);
    return answer(outcome, stored, { kind: "blob", blob: stored.blob });
  };

  const answer: KeptDocuments["answer"] = ({ entry, verdict, detail }, { contentType, encoding }, body) => ({
    verdict,
    status: 200,
    contentType,
    encoding,
    ...agesOf(entry, nowMs()),
    // The upstream's date is of its bytes, not of ours.
    lastModified: undefined,
    detail,
    body,
  });

  const areCurrent: KeptDocuments["areCurrent"] = ({ representations }, ask) =>
    Object.keys(representations).some((key) => key.endsWith(`|${revisionOf(ask)}`));

  return { find, kept, storedIn, keyOf, areCurrent, answer };
}
