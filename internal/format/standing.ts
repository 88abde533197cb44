/** Where a document stands in its own history, as it tells itself. */
export interface Standing {
  /** Grows with every change, e.g. a serial number or the time of the last change; undefined: it does not say. */
  readonly revision: number | undefined;
  /** Names of all that it lists: versions or files. */
  readonly releases: readonly string[];
  /** Whether it has what such documents end with; undefined: they end with nothing of their own. */
  readonly hasEnd?: boolean;
}

/** Why a document that follows another one is not to be believed. */
export type Suspicion = "rolled back" | "shrunk" | "cut short";

/** A document of fewer releases may lose any number of them. */
const GUARDED_RELEASES = 10;

/**
 * What is wrong with `sent` as the successor of `kept`: it is the older one (a stale cache in front of the upstream, or somebody who hides
 * fixes), its end is gone, or it has lost more than half of ten or more releases and brings no new one (an upstream that knows only a part). Who takes a package
 * down on purpose leaves a new release in its place.
 */
export function suspicionOf(kept: Standing, sent: Standing): Suspicion | undefined {
  if (kept.revision !== undefined && sent.revision !== undefined && sent.revision < kept.revision) return "rolled back";
  if (kept.hasEnd === true && sent.hasEnd === false) return "cut short";
  if (kept.releases.length < GUARDED_RELEASES) return undefined;
  const known = new Set(kept.releases);
  const left = new Set(sent.releases);
  if (left.size * 2 >= known.size) return undefined;
  return [...left].every((release) => known.has(release)) ? "shrunk" : undefined;
}
