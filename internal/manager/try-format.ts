import { Fault, isFault } from "#internal/fault/fault.ts";
import type { DocumentRef, Format } from "#internal/format/format.ts";
import { decode } from "#internal/upstream/decode.ts";
import type { UpstreamResponse } from "#internal/upstream/upstream.ts";
import type { Inspection } from "./inspect-document.ts";
import { runInspection } from "./run-inspection.ts";
import { takesAnything } from "./takes-anything.ts";
import type { UpstreamAsk, ValidationDeps } from "./upstream-ask.ts";

export type DocumentStep = "auth" | "index_fetch" | "index_parse";

/** An upstream answered as the format should. */
export interface Recognised extends Inspection {
  readonly kind: "recognised";
  readonly format: Format;
  readonly ref: DocumentRef;
  /** `Format.canonicalUrl` of what was asked for: the base that the document was asked below. */
  readonly baseUrl: string;
  /** Where the document was, after redirects. */
  readonly url: string;
  readonly indexBytes: number;
}

/** It did not. */
export interface NotRecognised {
  readonly kind: "not recognised";
  readonly step: DocumentStep;
  readonly fault: Fault;
  /** Something came back, so that somebody answers there. */
  readonly answered: boolean;
  /** What was asked for last. */
  readonly url: string;
}

export type Attempt = Recognised | NotRecognised;

/** Runs a step and adds its time to that step's. */
export type Timed = <Result>(step: DocumentStep, work: () => Promise<Result>) => Promise<Result>;

const NOTHING: Inspection = { packageCount: 0, versionCount: 0, fileOrigins: [] };

/**
 * Asks for the format's probes in their order: a definite 404 goes on to the next, anything else decides.
 * @throws the signal's reason when it is no Fault.
 */
export async function tryFormat(
  deps: ValidationDeps,
  format: Format,
  ask: UpstreamAsk,
  timed: Timed,
  signal: AbortSignal,
): Promise<Attempt> {
  const baseUrl = format.canonicalUrl(new URL(ask.upstreamUrl));
  let step: DocumentStep = "auth";
  let answered = false;
  let url = baseUrl;
  try {
    for (const ref of format.probes) {
      step = "auth";
      url = new URL(ref.upstreamPath, baseUrl).href;
      const response = await timed(step, () => request(deps, format, ref, url, { ...ask, baseUrl }, signal));
      answered = true;
      step = "index_fetch";
      const place = { kind: "recognised", format, ref, baseUrl, url: response.url } as const;
      if (takesAnything(format)) {
        await response.discard();
        return { ...place, ...NOTHING, indexBytes: 0 };
      }
      if (isAbsent(response)) {
        await response.discard();
        continue;
      }
      const body = await timed(step, () => read(deps, format, ref, response));
      step = "index_parse";
      const contentType = response.headers["content-type"] ?? "";
      const source = { body, contentType, url: response.url, requestedUrl: url, ref };
      const inspection = await timed(step, () => runInspection(format, source, signal));
      return { ...place, ...inspection, indexBytes: body.length };
    }
    throw absent(format);
  } catch (error) {
    if (!isFault(error)) throw error;
    // Without an answer nothing is known of the credential.
    const failed = step === "auth" && error.reason !== "UPSTREAM_REFUSED" ? "index_fetch" : step;
    return { kind: "not recognised", step: failed, fault: error, answered, url };
  }
}

function request(
  { upstream }: ValidationDeps,
  format: Format,
  ref: DocumentRef,
  url: string,
  { baseUrl, credential, trusted }: UpstreamAsk & { readonly baseUrl: string },
  signal: AbortSignal,
): Promise<UpstreamResponse> {
  const accept = format.documents[ref.kind]?.accept ?? "*/*";
  return upstream.request({
    method: "GET",
    url,
    headers: { accept, "accept-encoding": "gzip, br" },
    pathClass: "document",
    access: { baseUrl, credential, trusted },
    signal,
  });
}

async function read(
  { documentMaxBytes }: ValidationDeps,
  format: Format,
  ref: DocumentRef,
  response: UpstreamResponse,
): Promise<Buffer> {
  try {
    if (response.status !== 200) throw new Fault("UPSTREAM_INVALID", `the upstream answered ${response.status}`);
    const maxBytes = Math.min(documentMaxBytes, format.documents[ref.kind]?.maxBytes ?? 0);
    return Buffer.concat(await Array.fromAsync(decode(response.body, response.headers["content-encoding"], maxBytes)));
  } catch (error) {
    await response.discard();
    throw error;
  }
}

function isAbsent({ status }: UpstreamResponse): boolean {
  return status === 404 || status === 410;
}

function absent({ label, probes }: Format): Fault {
  const asked = probes.map(({ upstreamPath }) => `"${upstreamPath}"`).join(" or ");
  return new Fault("UPSTREAM_NOT_FOUND", `the upstream has no ${asked}, which every ${label} upstream has one of`);
}
