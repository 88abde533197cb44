import { Fault } from "#internal/fault/fault.ts";
import type { ValidationPreview, ValidationStep } from "./repository-manager.ts";
import type { UpstreamAsk, ValidationDeps } from "./upstream-ask.ts";
import { checkUpstreamUrl } from "./upstream-url.ts";
import { validateUpstream } from "./validate-upstream.ts";

/** What is stored of a validation. */
export interface JudgedUpstream {
  readonly upstreamUrl: string;
  readonly state: "ACTIVE" | "UNREACHABLE";
  /** Where the upstream keeps its files besides its own origin. */
  readonly learnedOrigins: readonly string[];
}

/**
 * Validates the upstream to its end.
 * @throws Fault REPOSITORY_INVALID that names the step, unless `allowInvalid`.
 */
export async function judgeUpstream(
  deps: ValidationDeps,
  ask: UpstreamAsk,
  allowInvalid: boolean,
): Promise<JudgedUpstream> {
  const { failed, preview } = await runToEnd(deps, ask);
  if (!failed && preview?.valid) {
    return { upstreamUrl: preview.canonicalUrl, state: "ACTIVE", learnedOrigins: preview.fileOrigins };
  }
  if (!allowInvalid) throw refusal(failed);
  const url = checkUpstreamUrl(ask.upstreamUrl);
  return {
    upstreamUrl: deps.formats.get(ask.format)?.canonicalUrl(url) ?? url.href,
    state: "UNREACHABLE",
    learnedOrigins: [],
  };
}

async function runToEnd(deps: ValidationDeps, ask: UpstreamAsk) {
  const events = await Array.fromAsync(validateUpstream(deps, ask, new AbortController().signal));
  const failed = events.find((event): event is ValidationStep => event.kind === "step" && event.status === "FAILED");
  const preview = events.find((event): event is ValidationPreview => event.kind === "preview");
  return { failed, preview };
}

function refusal(step: ValidationStep | undefined): Fault {
  const { id = "format_match", reason = "", message = "", hint = "" } = step ?? {};
  const text = `the upstream does not answer as it should (${id}): ${message}; ${hint}. allow_invalid creates or changes it anyway`;
  return new Fault("REPOSITORY_INVALID", text, { step: id, reason, message, hint });
}
