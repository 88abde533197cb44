import type { BlobRef, Cache, Entry, StoredRepresentation } from "#internal/cache/cache.ts";
import { createDamage } from "./damage.ts";
import type { Derived, DerivedRepresentation } from "./derive.ts";
import { addressOf, type DocumentAsk, type DocumentOutcome } from "./document-ask.ts";
import { absence } from "./freshness.ts";
import type { KeptDocuments } from "./kept-documents.ts";
import type { Body, Resolution } from "./mirror.ts";
import type { MirrorDeps } from "./mirror-deps.ts";
import { shareRuns } from "./share-runs.ts";

/** What clients get of a document: made once for each form and base URL, kept beside the original. */
export interface Representations {
  /** Makes it where it must. Undefined: the original is gone from the disk, or damaged. */
  respond(outcome: DocumentOutcome, ask: DocumentAsk): Promise<Resolution | undefined>;
  /** Reads an original. @throws Fault UPSTREAM_INVALID, LIMIT_EXCEEDED. */
  derive(ask: DocumentAsk, original: Original, announce: boolean, predecessor?: Original): Promise<Derived>;
  /** Stores what was derived, for its entry to name; undefined stands for "the document has none such". */
  store(ask: DocumentAsk, made: DerivedRepresentation | undefined): Promise<Record<string, StoredRepresentation>>;
  /** Drops the stored forms that `ask` means when its bytes are gone or damaged. */
  forgetLost(ask: DocumentAsk): Promise<void>;
}

/** A decoded upstream body in a file. */
export interface Original {
  readonly path: string;
  readonly sizeBytes: number;
  readonly contentType: string;
  /** After redirects. */
  readonly url: string;
}

/** More than any set of clients asks for; beyond it the oldest go. */
const MAX_STORED = 32;

export function createRepresentations(deps: MirrorDeps, keptDocuments: KeptDocuments): Representations {
  const { cache, nowMs } = deps;
  const { answer, kept, keyOf, storedIn } = keptDocuments;
  const share = shareRuns<Resolution | undefined>();
  const damage = createDamage(deps);

  const isIntact = async (owner: DocumentAsk, blob: BlobRef): Promise<boolean> =>
    (await damage.inspect(owner, blob)) === "intact";

  const respond = async (outcome: DocumentOutcome, ask: DocumentAsk): Promise<Resolution | undefined> => {
    const found = kept(outcome, ask);
    if (found) return found;
    const { value } = await share(`${ask.key} ${ask.representation} ${ask.gzip}`, () => make(outcome, ask));
    // Whoever joined has a verdict of his own.
    return value && value.status === 200 ? { ...value, verdict: outcome.verdict, detail: outcome.detail } : value;
  };

  /** Another representation of a document that is kept. */
  const make = async (outcome: DocumentOutcome, ask: DocumentAsk): Promise<Resolution | undefined> => {
    const { entry, verdict, detail } = outcome;
    const made = await deriveKept(entry, ask);
    if (!made) return undefined;
    const forms = await store(ask, made.representation);
    const current = await cache.update(ask.key, (before) =>
      before.blob?.digest === entry.blob?.digest ? withForms(before, forms) : before,
    );
    if (!made.representation) return absence(entry, nowMs(), verdict, detail);
    const stored = current && storedIn(current, ask);
    if (stored?.blob && stored.blob.digest === storedIn({ representations: forms }, ask)?.blob?.digest) {
      return answer(outcome, stored, { kind: "blob", blob: stored.blob });
    }
    // The document has changed or left meanwhile: nobody names these bytes, so they may leave the disk at once.
    return answer(outcome, { ...made.representation, encoding: "identity" }, bytesOf(made.representation));
  };

  const deriveKept = async (entry: Entry, ask: DocumentAsk): Promise<Derived | undefined> => {
    const { digest, sizeBytes } = entry.blob as BlobRef;
    const original = {
      path: cache.blobPath(digest),
      sizeBytes,
      contentType: entry.contentType,
      url: entry.upstreamUrl,
    };
    return (await isIntact(ask, { digest, sizeBytes })) ? derive(ask, original, false) : undefined;
  };

  const derive: Representations["derive"] = (ask, original, announce, predecessor) => {
    const { sizeBytes, ...source } = original;
    return deps.deriver.derive(
      {
        format: ask.repository.format,
        ref: ask.document,
        ...source,
        requestedUrl: addressOf(ask),
        representation: ask.representation,
        repositoryUrl: deps.repositoryUrl(ask.repository),
        announce,
        ...(predecessor && { predecessor: { path: predecessor.path, contentType: predecessor.contentType } }),
      },
      Math.max(sizeBytes, predecessor?.sizeBytes ?? 0),
    );
  };

  const store = async (
    ask: DocumentAsk,
    made: DerivedRepresentation | undefined,
  ): Promise<Record<string, StoredRepresentation>> => {
    if (ask.representation === undefined) return {};
    if (!made) return { [keyOf(ask, "identity")]: { blob: undefined, contentType: "", encoding: "identity" } };
    const { contentType, body, gzip } = made;
    const [identity, packed] = await Promise.all([writeBlob(cache, body), gzip && writeBlob(cache, gzip)]);
    return {
      [keyOf(ask, "identity")]: { blob: identity, contentType, encoding: "identity" },
      ...(packed && { [keyOf(ask, "gzip")]: { blob: packed, contentType, encoding: "gzip" } }),
    };
  };

  const forgetLost = async (ask: DocumentAsk): Promise<void> => {
    const entry = cache.find(ask.key);
    const lost = entry && storedIn(entry, ask)?.blob;
    if (!lost || (await isIntact(ask, lost))) return;
    // Both encodings: they are made together, and what harmed one may have harmed the other.
    const keys = [keyOf(ask, "identity"), keyOf(ask, "gzip")];
    await cache.update(ask.key, (current) => ({ ...current, representations: without(current, keys) }));
  };

  return { respond, derive, store, forgetLost };
}

function withForms(entry: Entry, forms: Record<string, StoredRepresentation>): Entry {
  const all = Object.entries({ ...entry.representations, ...forms });
  return { ...entry, representations: Object.fromEntries(all.slice(-MAX_STORED)) };
}

function without({ representations }: Entry, keys: readonly string[]): Record<string, StoredRepresentation> {
  return Object.fromEntries(Object.entries(representations).filter(([key]) => !keys.includes(key)));
}

async function writeBlob(cache: Cache, bytes: Uint8Array): Promise<BlobRef> {
  const writer = await cache.createBlob();
  await writer.write(bytes);
  return writer.commit();
}

function bytesOf({ body }: DerivedRepresentation): Body {
  return { kind: "bytes", bytes: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
}
