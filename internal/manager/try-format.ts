import { Fault, isFault } from "#internal/fault/fault.ts";
import type { DocumentRef, Format } from "#internal/format/format.ts";
import type { UpstreamResponse } from "#internal/upstream/upstream.ts";
import { type Below, readBody, requestDocument, sourceOf } from "./fetch-document.ts";
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

/**
 * Somebody answers, and has none of the documents that could prove the asked format; a registry of a few private packages looks like
 * this. Only for formats without an index of everything, which every upstream of theirs has.
 */
export interface Unproven {
  readonly kind: "unproven";
  readonly baseUrl: string;
  /** What was asked for in vain. */
  readonly message: string;
}

export type Attempt = Recognised | NotRecognised;

/** Runs a step and adds its time to that step's. */
export type Timed = <Result>(step: DocumentStep, work: () => Promise<Result>) => Promise<Result>;

const NOTHING: Inspection = { packageCount: 0, versionCount: 0, fileOrigins: [], samples: [] };

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
      const response = await timed(step, () => requestDocument(deps, format, ref, url, { ...ask, baseUrl }, signal));
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
      const body = await timed(step, () => readBody(deps, format, ref, response));
      step = "index_parse";
      const source = sourceOf(body, response, url, ref);
      const inspection = await timed(step, () => runInspection(format, source, signal));
      const fileOrigins = await originsOfSamples(deps, format, { ...ask, baseUrl }, inspection, signal);
      return { ...place, ...inspection, fileOrigins, indexBytes: body.length };
    }
    throw absent(format);
  } catch (error) {
    if (!isFault(error)) throw error;
    // Without an answer nothing is known of the credential.
    const failed = step === "auth" && error.reason !== "UPSTREAM_REFUSED" ? "index_fetch" : step;
    return { kind: "not recognised", step: failed, fault: error, answered, url };
  }
}

/** A list says nothing of files; the first of its documents that announces some does. What cannot be read here is passed over. */
async function originsOfSamples(
  deps: ValidationDeps,
  format: Format,
  ask: Below,
  { fileOrigins, samples }: Inspection,
  signal: AbortSignal,
): Promise<readonly string[]> {
  for (const ref of samples) {
    try {
      const requestedUrl = new URL(ref.upstreamPath, ask.baseUrl).href;
      const response = await requestDocument(deps, format, ref, requestedUrl, ask, signal);
      const body = await readBody(deps, format, ref, response);
      const sample = await runInspection(format, sourceOf(body, response, requestedUrl, ref), signal);
      if (sample.fileOrigins.length > 0) return sample.fileOrigins;
    } catch (error) {
      if (!isFault(error)) throw error;
    }
  }
  return fileOrigins;
}

function isAbsent({ status }: UpstreamResponse): boolean {
  return status === 404 || status === 410;
}

function absent({ label, probes }: Format): Fault {
  const asked = probes.map(({ upstreamPath }) => `"${upstreamPath}"`).join(" or ");
  return new Fault("UPSTREAM_NOT_FOUND", `the upstream has no ${asked}, one of which ${label} upstreams have`);
}
