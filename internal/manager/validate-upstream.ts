import { Fault } from "#internal/fault/fault.ts";
import type { Format } from "#internal/format/format.ts";
import { findFormat } from "./find-format.ts";
import type { ValidationPreview } from "./repository-manager.ts";
import { storedUrl } from "./stored-url.ts";
import { type Events, type Outcome, tellSteps } from "./tell-steps.ts";
import type { Attempt, DocumentStep, Recognised, Timed, Unproven } from "./try-format.ts";
import type { UpstreamAsk, ValidationDeps } from "./upstream-ask.ts";
import { readUpstreamUrl } from "./upstream-url.ts";

/**
 * Tries an upstream: each step as it ends, in the order of `VALIDATION_STEPS`, then the preview. Ends with `signal`.
 * @throws the signal's reason.
 */
export async function* validateUpstream(deps: ValidationDeps, ask: UpstreamAsk, signal: AbortSignal): Events {
  const stopping = new AbortController();
  const late = () => stopping.abort(tooLate(deps.deadlineMs));
  const timer = setTimeout(late, deps.deadlineMs);
  const ended = AbortSignal.any([signal, stopping.signal]);
  try {
    yield* tellSteps(ask, walk(deps, ask, ended));
    signal.throwIfAborted();
  } finally {
    clearTimeout(timer);
    stopping.abort();
  }
}

/** Returns the preview after the first step that failed, or after the last. */
async function* walk(
  deps: ValidationDeps,
  ask: UpstreamAsk,
  signal: AbortSignal,
): AsyncGenerator<Outcome, ValidationPreview, void> {
  const url = readUpstreamUrl(ask.upstreamUrl);
  const problem = url instanceof URL ? undefined : url;
  for (const id of ["parse", "scheme"] as const) {
    const fault = problem?.step === id ? new Fault("ARGUMENT_INVALID", problem.message) : undefined;
    yield { id, durationMs: 0, fault, ...(problem && { hint: problem.hint }) };
    if (fault) break;
  }
  if (!(url instanceof URL)) return nothing("");

  const asked = deps.formats.get(ask.format);
  const canonicalUrl = asked?.canonicalUrl(url) ?? url.origin + url.pathname;
  const tried = new Set<string>();
  for await (const outcome of probe(deps, ask, canonicalUrl, signal)) {
    yield outcome;
    tried.add(outcome.id);
    if (outcome.fault) return nothing(canonicalUrl);
  }
  const message = tried.size === 0 ? "a proxy of this machine does it" : "http has no TLS";
  for (const id of ["dns", "connect", "tls"] as const) {
    if (!tried.has(id)) yield { id, durationMs: 0, skipped: true, message };
  }

  const spentMs: Record<DocumentStep, number> = { auth: 0, index_fetch: 0, index_parse: 0 };
  const attempt = await findFormat(deps, { ...ask, upstreamUrl: url.href }, timedBy(deps, spentMs), signal);
  if (attempt.kind === "unproven") {
    yield* unprovenOutcomes(attempt, ask, spentMs);
    return { ...nothing(attempt.baseUrl), valid: true };
  }
  yield* documentOutcomes(attempt, ask, spentMs);
  if (attempt.kind === "not recognised") return nothing(canonicalUrl);
  const mismatch = asked && asked !== attempt.format ? speaksAnother(attempt.format, asked) : undefined;
  yield { id: "format_match", durationMs: 0, message: `the upstream speaks ${attempt.format.label}`, ...mismatch };
  return preview(attempt, ask, mismatch === undefined);
}

async function* probe(
  { upstream }: ValidationDeps,
  { credential, trusted, offline }: UpstreamAsk,
  baseUrl: string,
  signal: AbortSignal,
): AsyncGenerator<Outcome, void, void> {
  if (offline) {
    const fault = new Fault("UPSTREAM_OFFLINE", "the repository is OFFLINE: nothing goes to its upstream");
    return yield { id: "dns", durationMs: 0, fault };
  }
  for await (const { step, durationMs, fault } of upstream.probe(baseUrl, { baseUrl, credential, trusted }, signal)) {
    yield { id: step, durationMs, fault };
  }
}

/** auth, index_fetch and index_parse, up to the one that failed. */
function* documentOutcomes(
  attempt: Attempt,
  { credential }: UpstreamAsk,
  spentMs: Readonly<Record<DocumentStep, number>>,
): Generator<Outcome, void, void> {
  const failed = attempt.kind === "not recognised" ? attempt : undefined;
  for (const id of ["auth", "index_fetch", "index_parse"] as const) {
    const durationMs = spentMs[id];
    if (failed?.step === id) return yield { id, durationMs, fault: failed.fault };
    if (id === "auth" && failed && !failed.answered) {
      yield { id, durationMs: 0, skipped: true, message: "not known: no answer tells it" };
    } else yield { id, durationMs, ...(id === "auth" && { message: authWords(credential) }) };
  }
}

function* unprovenOutcomes(
  { message }: Unproven,
  { credential }: UpstreamAsk,
  spentMs: Readonly<Record<DocumentStep, number>>,
): Generator<Outcome, void, void> {
  yield { id: "auth", durationMs: spentMs.auth, message: authWords(credential) };
  yield {
    id: "index_fetch",
    durationMs: spentMs.index_fetch,
    message: `${message}: nothing proves or disproves the format`,
  };
  for (const id of ["index_parse", "format_match"] as const) {
    yield { id, durationMs: 0, skipped: true, message: "there was nothing to read" };
  }
}

function authWords(credential: UpstreamAsk["credential"]): string {
  return credential ? "the upstream took the credential" : "the upstream asked for no credential";
}

function speaksAnother(found: Format, asked: Format): Pick<Outcome, "fault" | "hint"> {
  return {
    fault: new Fault("UPSTREAM_INVALID", `the upstream speaks ${found.label}, not ${asked.label}`),
    hint: `use the format "${found.id}", or the URL of a ${asked.label} upstream`,
  };
}

function preview(recognised: Recognised, ask: UpstreamAsk, valid: boolean): ValidationPreview {
  const { format, baseUrl, url, packageCount, versionCount, indexBytes } = recognised;
  const canonicalUrl = storedUrl(recognised, ask);
  const own = [baseUrl, url, canonicalUrl].map((each) => new URL(each).origin);
  const fileOrigins = recognised.fileOrigins.filter((origin) => !own.includes(origin));
  const counts = { packageCount, versionCount, indexBytes };
  return { kind: "preview", valid, detectedFormat: format.id, canonicalUrl, ...counts, fileOrigins };
}

function nothing(canonicalUrl: string): ValidationPreview {
  const counts = { packageCount: 0, versionCount: 0, indexBytes: 0 };
  return { kind: "preview", valid: false, detectedFormat: "", canonicalUrl, ...counts, fileOrigins: [] };
}

function timedBy({ nowMs }: ValidationDeps, spentMs: Record<DocumentStep, number>): Timed {
  return async (step, work) => {
    const startMs = nowMs();
    try {
      return await work();
    } finally {
      spentMs[step] += nowMs() - startMs;
    }
  };
}

function tooLate(deadlineMs: number): Fault {
  return new Fault("UPSTREAM_UNAVAILABLE", `the validation took longer than ${deadlineMs} ms`, { cause: "deadline" });
}
