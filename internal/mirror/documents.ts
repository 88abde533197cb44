import { createHash } from "node:crypto";
import type { BlobRef, Entry, StoredRepresentation } from "#internal/cache/cache.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { DocumentKind, DocumentRef } from "#internal/format/format.ts";
import { formats } from "#internal/format/formats.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { decode } from "#internal/upstream/decode.ts";
import type { UpstreamRequest, UpstreamResponse } from "#internal/upstream/upstream.ts";
import { type Derived, type DerivedRepresentation, unpackAnnouncements } from "./derive.ts";
import { absence, agesOf, isFresh, isOutage } from "./freshness.ts";
import { representationKey } from "./keys.ts";
import type { Body, Resolution, Verdict } from "./mirror.ts";
import { type MirrorDeps, NEGATIVE_TTL_MS } from "./mirror-deps.ts";
import { shareRuns } from "./share-runs.ts";

/** Asks for one representation of one upstream document. */
export interface DocumentAsk {
  readonly repository: Repository;
  readonly document: DocumentRef;
  /** In the cache. */
  readonly key: string;
  readonly representation: string;
  readonly gzip: boolean;
  /** Of a query. */
  readonly body: Buffer | undefined;
  /** Its stored bytes turned out to be gone: what is kept is worth nothing. */
  readonly lost?: boolean;
}

export interface Documents {
  find(ask: DocumentAsk): Resolution | undefined;
  resolve(ask: DocumentAsk): Promise<Resolution>;
  /** Asks the upstream for the whole document again, whatever is kept. */
  reload(ask: DocumentAsk): Promise<DocumentOutcome>;
}

export interface DocumentOutcome {
  readonly entry: Entry;
  readonly verdict: Verdict;
  readonly detail: string | undefined;
}

/** More representations of one document than any client set asks for; beyond it they are made for each request. */
const MAX_STORED_REPRESENTATIONS = 32;
/** Changes when the code derives the same original differently. */
const DERIVATION_REVISION = "1";

/** The mutable side of the mirror: keeps originals, derives what clients get, revalidates, and lives on when the upstream does not. */
export function createDocuments(deps: MirrorDeps): Documents {
  const { cache, upstream, deriver, nowMs } = deps;
  const shareRefresh = shareRuns<DocumentOutcome>();
  const shareDerivation = shareRuns<Resolution>();

  const find = (ask: DocumentAsk): Resolution | undefined => {
    const entry = cache.find(ask.key);
    return entry && isFresh(entry, nowMs()) ? kept(entry, ask, "HIT", undefined) : undefined;
  };

  const resolve = async (ask: DocumentAsk): Promise<Resolution> => {
    if (ask.lost) await cache.remove(ask.key);
    const entry = cache.find(ask.key);
    if (entry && isFresh(entry, nowMs())) return respond({ entry, verdict: "HIT", detail: undefined }, ask);
    const { value, joined } = await shareRefresh(ask.key, () => refresh(ask, entry));
    return respond(joined ? { ...value, detail: value.detail ?? "joined" } : value, ask);
  };

  const reload = async (ask: DocumentAsk): Promise<DocumentOutcome> => {
    const { value } = await shareRefresh(`${ask.key} whole`, () => refresh(ask, cache.find(ask.key), true));
    return value;
  };

  /** Asks the upstream; falls back to what is kept. */
  const refresh = async (ask: DocumentAsk, kept: Entry | undefined, whole = false): Promise<DocumentOutcome> => {
    try {
      const response = await upstream.request(await upstreamRequest(ask, whole ? undefined : kept));
      return await settle(ask, kept, response);
    } catch (error) {
      if (kept?.status === 200 && isOutage(error)) return { entry: kept, verdict: "STALE", detail: error.reason };
      throw error;
    }
  };

  const upstreamRequest = async (ask: DocumentAsk, kept: Entry | undefined): Promise<UpstreamRequest> => {
    const { repository, document, body } = ask;
    if (repository.upstreamMode === "OFFLINE") throw offline(repository);
    const url = new URL(document.upstreamPath, repository.upstreamUrl).href;
    return {
      method: body ? "POST" : "GET",
      url,
      headers: {
        accept: kindOf(ask).accept,
        "accept-encoding": "gzip, br",
        ...(body && { "content-type": "application/json" }),
        // Validators belong to the address they came from; another one's would be chance.
        ...(kept?.status === 200 && kept.upstreamUrl === url && validators(kept)),
      },
      ...(body && { body }),
      pathClass: body ? "query" : "document",
      access: await deps.accessOf(repository),
    };
  };

  const settle = async (
    ask: DocumentAsk,
    kept: Entry | undefined,
    response: UpstreamResponse,
  ): Promise<DocumentOutcome> => {
    if (response.status === 200) {
      return { entry: await store(ask, response), verdict: "MISS", detail: undefined };
    }
    await response.discard();
    if (response.status === 304 && kept) {
      const entry = await cache.update(ask.key, (current) => ({ ...current, checkedAtMs: nowMs() }));
      return { entry: entry ?? kept, verdict: "REVALIDATED", detail: undefined };
    }
    if (response.status !== 404 && response.status !== 410) {
      throw new Fault("UPSTREAM_INVALID", `the upstream answered ${response.status} for ${ask.document.upstreamPath}`);
    }
    if (kept?.status === 200) return { entry: kept, verdict: "STALE", detail: "UPSTREAM_NOT_FOUND" };
    const entry = newEntry(ask, response, undefined, {}, NEGATIVE_TTL_MS);
    await cache.put(entry);
    return { entry, verdict: "MISS", detail: undefined };
  };

  /** Nothing is visible before the document was read and understood. */
  const store = async (ask: DocumentAsk, response: UpstreamResponse): Promise<Entry> => {
    const kind = kindOf(ask);
    const maxBytes = Math.min(kind.maxBytes, deps.documentMaxBytes);
    const writer = await cache.createBlob();
    try {
      for await (const chunk of decode(response.body, response.headers["content-encoding"], maxBytes)) {
        await writer.write(chunk);
      }
      const original = { path: writer.path, contentType: response.headers["content-type"] ?? "", url: response.url };
      const derived = await derive(ask, original, true, writer.writtenBytes);
      const blob = await writer.commit();
      // First the announcements: a fresh document without them would hide its files.
      await cache.announce(ask.repository.uid, unpackAnnouncements(derived.announcements));
      const representations = derived.representation ? await keep(ask, derived.representation) : {};
      const ttlMs = kind.ttlMs === "repository" ? (ask.repository.metadataTtlMs ?? deps.metadataTtlMs) : kind.ttlMs;
      const entry = newEntry(ask, response, blob, representations, ttlMs);
      await cache.put(entry);
      return entry;
    } catch (error) {
      await writer.abort();
      await response.discard();
      throw error;
    }
  };

  const newEntry = (
    ask: DocumentAsk,
    response: UpstreamResponse,
    blob: BlobRef | undefined,
    representations: Record<string, StoredRepresentation>,
    freshForMs: number,
  ): Entry => ({
    key: ask.key,
    kind: ask.body ? "query" : "document",
    status: response.status,
    blob,
    contentType: response.headers["content-type"] ?? "",
    upstreamUrl: response.url,
    upstreamEtag: response.headers.etag,
    upstreamLastModified: response.headers["last-modified"],
    storedAtMs: nowMs(),
    checkedAtMs: nowMs(),
    freshForMs,
    packageName: ask.document.packageName,
    version: undefined,
    representations,
  });

  /** From what is stored; undefined when the representation was not made yet. */
  const kept = (
    entry: Entry,
    ask: DocumentAsk,
    verdict: Verdict,
    detail: string | undefined,
  ): Resolution | undefined => {
    if (entry.status !== 200) return absence(entry, nowMs(), verdict, detail);
    const revision = revisionOf(ask);
    const stored =
      (ask.gzip && entry.representations[representationKey(ask.representation, "gzip", revision)]) ||
      entry.representations[representationKey(ask.representation, "identity", revision)];
    if (!stored?.blob) return undefined;
    cache.touch(entry.key);
    return answer(entry, stored.contentType, stored.encoding, { kind: "blob", blob: stored.blob }, verdict, detail);
  };

  const respond = async ({ entry, verdict, detail }: DocumentOutcome, ask: DocumentAsk): Promise<Resolution> => {
    const stored = kept(entry, ask, verdict, detail);
    if (stored) return stored;
    const key = `${ask.key} ${ask.representation} ${ask.gzip}`;
    const { value } = await shareDerivation(key, () => deriveKept(entry, ask, verdict, detail));
    return value;
  };

  /** Makes another representation of a document that is kept. */
  const deriveKept = async (
    entry: Entry,
    ask: DocumentAsk,
    verdict: Verdict,
    detail: string | undefined,
  ): Promise<Resolution> => {
    const blob = entry.blob as BlobRef;
    const original = { path: cache.blobPath(blob.digest), contentType: entry.contentType, url: entry.upstreamUrl };
    const { representation } = await derive(ask, original, false, blob.sizeBytes);
    if (!representation) {
      throw new Fault("UPSTREAM_NOT_FOUND", `${ask.document.key} has no ${ask.representation.replace("/", " ")}`);
    }
    if (Object.keys(entry.representations).length < MAX_STORED_REPRESENTATIONS) {
      const made = await keep(ask, representation);
      await cache.update(ask.key, (current) =>
        current.blob?.digest === blob.digest
          ? { ...current, representations: { ...current.representations, ...made } }
          : current,
      );
    }
    const encoding = ask.gzip && representation.gzip ? "gzip" : "identity";
    const bytes = Buffer.from((encoding === "gzip" && representation.gzip) || representation.body);
    return answer(entry, representation.contentType, encoding, { kind: "bytes", bytes }, verdict, detail);
  };

  const derive = (
    ask: DocumentAsk,
    original: { path: string; contentType: string; url: string },
    announce: boolean,
    sourceBytes: number,
  ): Promise<Derived> =>
    deriver.derive(
      {
        format: ask.repository.format,
        ref: ask.document,
        ...original,
        representation: ask.representation,
        repositoryUrl: deps.repositoryUrl(ask.repository),
        gzip: true,
        announce,
      },
      sourceBytes,
    );

  const keep = async (
    ask: DocumentAsk,
    { contentType, body, gzip }: DerivedRepresentation,
  ): Promise<Record<string, StoredRepresentation>> => {
    const forms = [
      { encoding: "identity" as const, bytes: body },
      ...(gzip ? [{ encoding: "gzip" as const, bytes: gzip }] : []),
    ];
    const stored = await Promise.all(
      forms.map(async ({ encoding, bytes }): Promise<[string, StoredRepresentation]> => {
        const writer = await cache.createBlob();
        await writer.write(bytes);
        const blob = await writer.commit();
        return [representationKey(ask.representation, encoding, revisionOf(ask)), { blob, contentType, encoding }];
      }),
    );
    return Object.fromEntries(stored);
  };

  const revisionOf = ({ repository }: DocumentAsk): string =>
    createHash("sha256")
      .update(`${DERIVATION_REVISION} ${deps.repositoryUrl(repository)}`)
      .digest("hex")
      .slice(0, 12);

  const answer = (
    entry: Entry,
    contentType: string,
    encoding: Resolution["encoding"],
    body: Body,
    verdict: Verdict,
    detail: string | undefined,
  ): Resolution => ({
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

  return { find, resolve, reload };
}

function kindOf({ repository, document }: DocumentAsk): DocumentKind {
  const kind = formats.get(repository.format)?.documents[document.kind];
  if (!kind) throw new Error(`format ${repository.format} has no document kind ${document.kind}`);
  return kind;
}

export function validators(entry: Entry): Record<string, string> {
  return {
    ...(entry.upstreamEtag !== undefined && { "if-none-match": entry.upstreamEtag }),
    ...(entry.upstreamLastModified !== undefined && { "if-modified-since": entry.upstreamLastModified }),
  };
}

export function offline(repository: Repository): Fault {
  return new Fault(
    "UPSTREAM_OFFLINE",
    `repository ${repository.id} is offline by an operator's choice, and this is not kept here`,
    {
      repository: repository.id,
    },
  );
}
