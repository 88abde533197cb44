import { Fault } from "#internal/fault/fault.ts";
import type { IndexDocument } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { ACCEPTED_CODINGS, readDecoded } from "#internal/upstream/decode.ts";
import type { Upstream, UpstreamAccess } from "#internal/upstream/upstream.ts";
import type { FetchIndex, IndexValidators } from "./fetch-index.ts";

export interface AskUpstreamDeps {
  readonly upstream: Upstream;
  /** What a repository's requests may do upstream, its credential included. */
  accessOf(repository: Repository): Promise<UpstreamAccess>;
  /** Larger indexes are LIMIT_EXCEEDED, whatever their kind allows. */
  readonly documentMaxBytes: number;
}

/** Reads an index from its upstream, with a conditional GET when an earlier one is known. */
export function createFetchIndex({ upstream, accessOf, documentMaxBytes }: AskUpstreamDeps): FetchIndex {
  return async (repository, format, validators, signal) => {
    const { document } = format.index as IndexDocument;
    const kind = format.documents[document.kind];
    if (!kind) throw new Error(`format ${format.id} has no document kind ${document.kind}`);
    const requestedUrl = new URL(document.upstreamPath, repository.upstreamUrl).href;
    const response = await upstream.request({
      method: "GET",
      url: requestedUrl,
      headers: { accept: kind.accept, "accept-encoding": ACCEPTED_CODINGS, ...conditions(validators) },
      pathClass: "document",
      access: await accessOf(repository),
      signal,
    });
    const { status, headers, url } = response;
    if (status !== 200) {
      await response.discard();
      if (status === 304 && validators) return { status };
      throw unexpected(status, document.upstreamPath);
    }
    const maxBytes = Math.min(kind.maxBytes, documentMaxBytes);
    const body = await readDecoded(response, maxBytes);
    return {
      ...{ status, body, url, requestedUrl },
      contentType: headers["content-type"] ?? "",
      etag: headers.etag ?? "",
      lastModified: headers["last-modified"] ?? "",
    };
  };
}

function conditions(validators: IndexValidators | undefined): Record<string, string> {
  const { etag = "", lastModified = "" } = validators ?? {};
  return { ...(etag && { "if-none-match": etag }), ...(lastModified && { "if-modified-since": lastModified }) };
}

function unexpected(status: number, path: string): Fault {
  return status === 404 || status === 410
    ? new Fault("UPSTREAM_NOT_FOUND", `the upstream has no ${path}`, { status: String(status) })
    : new Fault("UPSTREAM_INVALID", `the upstream answered ${status} for ${path}`, { status: String(status) });
}
