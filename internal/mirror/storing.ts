import type { BlobRef, BlobWriter, Entry, StoredRepresentation } from "#internal/cache/cache.ts";
import { isFault } from "#internal/fault/fault.ts";
import { decode } from "#internal/upstream/decode.ts";
import type { UpstreamResponse } from "#internal/upstream/upstream.ts";
import { unpackAnnouncements } from "./derive.ts";
import { type DocumentAsk, type DocumentOutcome, kindOf } from "./document-ask.ts";
import { createDoubts } from "./doubts.ts";
import { sha256OfFile } from "./file-digest.ts";
import type { KeptDocuments } from "./kept-documents.ts";
import { type MirrorDeps, NEGATIVE_TTL_MS } from "./mirror-deps.ts";
import type { Original, Representations } from "./representations.ts";
import { confirmed } from "./upstream-terms.ts";

/** Puts the upstream's definite answers into the cache. */
export interface Storing {
  /** A 200. Nothing is visible before it was read and understood. @throws Fault UPSTREAM_INVALID, LIMIT_EXCEEDED. */
  store(ask: DocumentAsk, kept: Entry | undefined, response: UpstreamResponse): Promise<DocumentOutcome>;
  /** A 304, or a 200 with the bytes that are kept. */
  confirm(ask: DocumentAsk, kept: Entry, response: UpstreamResponse): Promise<DocumentOutcome>;
  /** A 404 or 410. */
  storeAbsence(ask: DocumentAsk, response: UpstreamResponse): Promise<DocumentOutcome>;
}

export function createStoring(
  deps: MirrorDeps,
  { areCurrent }: KeptDocuments,
  representations: Representations,
): Storing {
  const { cache, nowMs } = deps;
  const doubts = createDoubts();

  const ttlOf = (ask: DocumentAsk): number => {
    const { ttlMs } = kindOf(ask);
    return ttlMs === "repository" ? (ask.repository.metadataTtlMs ?? deps.metadataTtlMs) : ttlMs;
  };

  const store = async (
    ask: DocumentAsk,
    kept: Entry | undefined,
    response: UpstreamResponse,
  ): Promise<DocumentOutcome> => {
    if (kept) doubts.recall(ask.key, response.headers.etag);
    const writer = await cache.createBlob();
    try {
      const maxBytes = Math.min(kindOf(ask).maxBytes, deps.documentMaxBytes);
      for await (const chunk of decode(response.body, response.headers["content-encoding"], maxBytes)) {
        await writer.write(chunk);
      }
      if (kept && (await isUnchanged(ask, kept, response, writer))) {
        await writer.abort();
        return await confirm(ask, kept, response);
      }
      const entry = await take(ask, kept, response, writer);
      return { entry, verdict: "MISS", detail: undefined };
    } catch (error) {
      await writer.abort();
      doubt(ask, response, error);
      throw error;
    }
  };

  /** The same bytes at the same address say the same; everything derived from them stands. */
  const isUnchanged = async (
    ask: DocumentAsk,
    kept: Entry,
    { url, headers }: UpstreamResponse,
    { path, writtenBytes }: BlobWriter,
  ): Promise<boolean> => {
    if (kept.blob?.sizeBytes !== writtenBytes || !areCurrent(kept, ask)) return false;
    if (kept.upstreamUrl !== url || kept.contentType !== (headers["content-type"] ?? "")) return false;
    return (await sha256OfFile(path)) === kept.blob.digest;
  };

  /** What the new document must not fall behind: the kept one of the same address. */
  const predecessorOf = (kept: Entry | undefined, { url }: UpstreamResponse): Original | undefined => {
    if (!kept?.blob || kept.upstreamUrl !== url) return undefined;
    const { blob, contentType } = kept;
    return { path: cache.blobPath(blob.digest), sizeBytes: blob.sizeBytes, contentType, url };
  };

  const doubt = (ask: DocumentAsk, { headers }: UpstreamResponse, error: unknown): void => {
    if (!isFault(error, "UPSTREAM_INVALID") || error.facts.suspicion === undefined) return;
    if (!doubts.remember(ask.key, headers.etag, error)) return;
    const { repository } = ask;
    deps.report({ repository, type: "DOCUMENT_REFUSED", message: error.message, facts: error.facts });
  };

  const take = async (
    ask: DocumentAsk,
    kept: Entry | undefined,
    response: UpstreamResponse,
    writer: BlobWriter,
  ): Promise<Entry> => {
    const original = {
      path: writer.path,
      sizeBytes: writer.writtenBytes,
      contentType: response.headers["content-type"] ?? "",
      url: response.url,
    };
    const { representation, announcements } = await representations.derive(
      ask,
      original,
      true,
      predecessorOf(kept, response),
    );
    // All at once, for each waits for the disk; the entry last: a fresh document without its announcements would hide its files.
    const [blob, forms] = await Promise.all([
      writer.commit(),
      representations.store(ask, representation),
      cache.announce(ask.repository.uid, unpackAnnouncements(announcements)),
    ]);
    const entry = newEntry(ask, response, ttlOf(ask), blob, forms);
    await cache.put(entry);
    return entry;
  };

  const confirm = async (ask: DocumentAsk, kept: Entry, response: UpstreamResponse): Promise<DocumentOutcome> => {
    const change = (entry: Entry) => confirmed(entry, response, nowMs(), ttlOf(ask));
    // Undefined: it was evicted meanwhile.
    const entry = (await cache.update(ask.key, change)) ?? change(kept);
    return { entry, verdict: "REVALIDATED", detail: undefined };
  };

  const storeAbsence = async (ask: DocumentAsk, response: UpstreamResponse): Promise<DocumentOutcome> => {
    const entry = newEntry(ask, response, NEGATIVE_TTL_MS, undefined, {});
    await cache.put(entry);
    return { entry, verdict: "MISS", detail: undefined };
  };

  const newEntry = (
    ask: DocumentAsk,
    { status, url, headers }: UpstreamResponse,
    freshForMs: number,
    blob: BlobRef | undefined,
    made: Record<string, StoredRepresentation>,
  ): Entry => ({
    key: ask.key,
    kind: ask.body ? "query" : "document",
    status,
    blob,
    contentType: headers["content-type"] ?? "",
    upstreamUrl: url,
    upstreamEtag: headers.etag,
    upstreamLastModified: headers["last-modified"],
    storedAtMs: nowMs(),
    checkedAtMs: nowMs(),
    freshForMs,
    packageName: ask.document.packageName,
    version: undefined,
    representations: made,
  });

  return { store, confirm, storeAbsence };
}
