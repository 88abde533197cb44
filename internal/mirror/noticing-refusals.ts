import { isFault } from "#internal/fault/fault.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { Mirror } from "./mirror.ts";
import type { MirrorDeps } from "./mirror-deps.ts";

/** Every request is refused while a credential is wrong; somebody has to be told, but not so often. */
const TOLD_EVERY_MS = 3_600_000;

/** Tells the repository's events when its upstream answers 401 or 403, whether or not the client was helped with an old copy. */
export function noticingRefusals(
  resolve: Mirror["resolve"],
  { report, nowMs }: Pick<MirrorDeps, "report" | "nowMs">,
): Mirror["resolve"] {
  const toldAtMs = new Map<string, number>();

  const tell = (repository: Repository): void => {
    const agoMs = nowMs() - (toldAtMs.get(repository.uid) ?? Number.NEGATIVE_INFINITY);
    // A clock that went back does not silence it.
    if (agoMs >= 0 && agoMs < TOLD_EVERY_MS) return;
    toldAtMs.set(repository.uid, nowMs());
    const { id, hasCredential, upstreamUrl } = repository;
    const { origin } = new URL(upstreamUrl);
    report({
      repository,
      type: "UPSTREAM_REFUSED",
      message: `${origin} refuses what repository ${id} asks for: ${hasCredential ? "its credential may have expired" : "it has no credential"}.`,
      facts: { origin, hasCredential: String(hasCredential) },
    });
  };

  return async (request) => {
    try {
      const resolution = await resolve(request);
      if (resolution.detail === "UPSTREAM_REFUSED") tell(request.repository);
      return resolution;
    } catch (error) {
      if (isFault(error, "UPSTREAM_REFUSED")) tell(request.repository);
      throw error;
    }
  };
}
