import type { Format } from "#internal/format/format.ts";
import { takesAnything } from "./takes-anything.ts";
import {
  type Attempt,
  type NotRecognised,
  type Recognised,
  type Timed,
  tryFormat,
  type Unproven,
} from "./try-format.ts";
import type { UpstreamAsk, ValidationDeps } from "./upstream-ask.ts";

/** What decides when no format was recognised: the first that some format met. */
const DECIDING: readonly string[] = ["UPSTREAM_REFUSED", "LIMIT_EXCEEDED", "UPSTREAM_INVALID", "UPSTREAM_UNAVAILABLE"];

/**
 * The format that the upstream speaks. When it does not speak the asked one, the others are tried, so that the answer can name it;
 * when none is recognised, the asked one's failure is told, unless absent probes are all there is to tell.
 */
export async function findFormat(
  deps: ValidationDeps,
  ask: UpstreamAsk,
  timed: Timed,
  signal: AbortSignal,
): Promise<Attempt | Unproven> {
  const asked = deps.formats.get(ask.format);
  if (!asked) return detect(deps, ask, timed, signal);
  const attempt = await tryFormat(deps, asked, ask, timed, signal);
  if (attempt.kind === "recognised" || !mayBeAnother(attempt)) return attempt;

  // Beside the point of the question, so its time is nobody's.
  const untimed: Timed = (_step, work) => work();
  const others = telling(deps.formats).filter((format) => format !== asked);
  const other = (await tryEach(deps, others, ask, untimed, signal)).find(isRecognised);
  if (other) return other;
  if (asked.index || attempt.fault.reason !== "UPSTREAM_NOT_FOUND") return attempt;
  return { kind: "unproven", baseUrl: asked.canonicalUrl(new URL(ask.upstreamUrl)), message: attempt.fault.message };
}

async function detect(deps: ValidationDeps, ask: UpstreamAsk, timed: Timed, signal: AbortSignal): Promise<Attempt> {
  const attempts = await tryEach(deps, telling(deps.formats), ask, timed, signal);
  const recognised = attempts.find(isRecognised);
  if (recognised) return recognised;
  const failures = attempts.filter((attempt) => attempt.kind === "not recognised");
  const anything = [...deps.formats.values()].find(takesAnything);
  if (anything && leavesRoomFor(anything, ask, failures)) return tryFormat(deps, anything, ask, timed, signal);
  return mostTelling(failures);
}

/** Until one is recognised, or the upstream itself cannot be asked. */
async function tryEach(
  deps: ValidationDeps,
  formats: readonly Format[],
  ask: UpstreamAsk,
  timed: Timed,
  signal: AbortSignal,
): Promise<Attempt[]> {
  const attempts: Attempt[] = [];
  for (const format of formats) {
    const attempt = await tryFormat(deps, format, ask, timed, signal);
    attempts.push(attempt);
    if (attempt.kind === "recognised" || isFinal(attempt)) break;
  }
  return attempts;
}

/** Formats that can be recognised, cheapest first: an index of everything can have tens of megabytes. */
function telling(formats: ReadonlyMap<string, Format>): Format[] {
  const candidates = [...formats.values()].filter((format) => !takesAnything(format));
  return candidates.sort((left, right) => Number(left.index !== undefined) - Number(right.index !== undefined));
}

/** A server of plain files has none of the documents that registries have; one that answers everything is something else. */
function leavesRoomFor(format: Format, ask: UpstreamAsk, failures: readonly NotRecognised[]): boolean {
  const own = format.canonicalUrl(new URL(ask.upstreamUrl));
  return failures.every(({ fault, url }) => fault.reason === "UPSTREAM_NOT_FOUND" || url === own);
}

/** An upstream that is not there, that asks to wait, or that must not be asked, is so for every format. */
function isFinal({ fault, answered }: NotRecognised): boolean {
  if (fault.reason === "UPSTREAM_RATE_LIMITED" || fault.reason === "UPSTREAM_FORBIDDEN") return true;
  return fault.reason === "UPSTREAM_UNAVAILABLE" && !answered && fault.facts.cause !== "status";
}

function mayBeAnother({ fault }: NotRecognised): boolean {
  return fault.reason === "UPSTREAM_NOT_FOUND" || fault.reason === "UPSTREAM_INVALID";
}

function mostTelling(failures: readonly NotRecognised[]): NotRecognised {
  const final = failures.find(isFinal);
  const first = DECIDING.map((reason) => failures.find(({ fault }) => fault.reason === reason)).find(Boolean);
  const told = final ?? first ?? failures[0];
  if (!told) throw new Error("there is no format that can be recognised");
  return told;
}

function isRecognised(attempt: Attempt): attempt is Recognised {
  return attempt.kind === "recognised";
}
