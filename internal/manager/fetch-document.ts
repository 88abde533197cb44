import { Fault } from "#internal/fault/fault.ts";
import type { DocumentRef, DocumentSource, Format } from "#internal/format/format.ts";
import { ACCEPTED_CODINGS, readDecoded } from "#internal/upstream/decode.ts";
import type { UpstreamResponse } from "#internal/upstream/upstream.ts";
import type { UpstreamAsk, ValidationDeps } from "./upstream-ask.ts";

/** An upstream under the base that its format makes of the URL. */
export type Below = UpstreamAsk & { readonly baseUrl: string };

/** @throws as `Upstream.request`. */
export function requestDocument(
  { upstream }: ValidationDeps,
  format: Format,
  ref: DocumentRef,
  url: string,
  { baseUrl, credential, trusted }: Below,
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  const accept = format.documents[ref.kind]?.accept ?? "*/*";
  return upstream.request({
    method: "GET",
    url,
    headers: { accept, "accept-encoding": ACCEPTED_CODINGS },
    pathClass: "document",
    access: { baseUrl, credential, trusted },
    signal,
  });
}

/**
 * The decoded body of a 200.
 * @throws Fault UPSTREAM_INVALID for another status; LIMIT_EXCEEDED; UPSTREAM_UNAVAILABLE when it breaks.
 */
export async function readBody(
  { documentMaxBytes }: ValidationDeps,
  format: Format,
  ref: DocumentRef,
  response: UpstreamResponse,
): Promise<Buffer> {
  try {
    if (response.status !== 200) throw new Fault("UPSTREAM_INVALID", `the upstream answered ${response.status}`);
    const maxBytes = Math.min(documentMaxBytes, format.documents[ref.kind]?.maxBytes ?? 0);
    return await readDecoded(response, maxBytes);
  } catch (error) {
    await response.discard();
    throw error;
  }
}

/** What the format reads. */
export function sourceOf(
  body: Buffer,
  { headers, url }: UpstreamResponse,
  requestedUrl: string,
  ref: DocumentRef,
): DocumentSource {
  return { body, contentType: headers["content-type"] ?? "", url, requestedUrl, ref };
}
