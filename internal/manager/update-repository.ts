import type { RepositoryChanges as StoredChanges } from "#internal/database/repository-changes.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { checkCredential } from "./check-credential.ts";
import { checkFields, checkFormat } from "./check-fields.ts";
import { judgeUpstream } from "./judge-upstream.ts";
import type { RepositoryChanges, UpdateOptions } from "./repository-manager.ts";
import type { ValidationDeps } from "./upstream-ask.ts";

interface UpdateDeps {
  readonly repositories: RepositoryStore;
  readonly deps: ValidationDeps;
}

/** @throws as `RepositoryManager.update`. */
export async function updateRepository(
  { repositories, deps }: UpdateDeps,
  id: string,
  changes: RepositoryChanges,
  options: UpdateOptions,
  actor: string,
): Promise<Repository> {
  const current = await repositories.get(id);
  // Told before the upstream is asked: that can take long. The store decides.
  if (options.etagVersion !== undefined && options.etagVersion !== current.version) throw stale(id);
  const format = checkFormat(deps.formats, current.format);
  const checked = checkFields(changes, format);
  if (options.credential) checkCredential(options.credential);
  const upstream = await changeUpstream({ repositories, deps }, current, checked, options);
  const stored: StoredChanges = {
    ...plainChanges(checked, id),
    ...(options.credential && { credential: options.credential }),
    ...upstream,
  };
  const by = { actor, etagVersion: options.etagVersion, isIndexable: format.index !== undefined };
  return repositories.update(id, stored, by);
}

/** Fields that are stored as they are named. */
function plainChanges({ upstreamUrl: _, ...changes }: RepositoryChanges, id: string): StoredChanges {
  const { displayName, visibility, ...plain } = changes;
  return {
    ...plain,
    ...(displayName !== undefined && { displayName: displayName || id }),
    ...("visibility" in changes && { visibility: visibility ?? "PRIVATE" }),
  };
}

/** The fields that come with another upstream, or with another look at one that did not answer. */
async function changeUpstream(
  { repositories, deps }: UpdateDeps,
  current: Repository,
  { upstreamUrl, fileOrigins = current.fileOrigins }: RepositoryChanges,
  { allowInvalid, ...given }: UpdateOptions,
): Promise<StoredChanges> {
  const { upstreamTrusted = current.upstreamTrusted } = given;
  const trustOnly = upstreamTrusted === current.upstreamTrusted ? {} : { upstreamTrusted };
  if (upstreamUrl === undefined) return trustOnly;
  const wanted = checkFormat(deps.formats, current.format).canonicalUrl(new URL(upstreamUrl));
  if (wanted === current.upstreamUrl && current.state === "ACTIVE") return trustOnly;

  const leaves = (url: string) => new URL(url).origin !== new URL(current.upstreamUrl).origin;
  const isMoved = leaves(wanted);
  const trusted = given.upstreamTrusted ?? (!isMoved && current.upstreamTrusted);
  const credential = given.credential ?? (isMoved ? undefined : await repositories.readCredential(current.id));
  const ask = { format: current.format, upstreamUrl, credential, trusted, offline: current.upstreamMode === "OFFLINE" };
  const { learnedOrigins, ...judged } = await judgeUpstream(deps, ask, allowInvalid);
  return {
    ...judged,
    upstreamTrusted: trusted,
    // Named, so that one that was set meanwhile goes, too.
    ...((isMoved || leaves(judged.upstreamUrl)) && { credential }),
    ...(fileOrigins.length === 0 && learnedOrigins.length > 0 && { fileOrigins: learnedOrigins }),
  };
}

function stale(id: string): Fault {
  const message = `repository "${id}" has changed meanwhile: read it again, then repeat the change`;
  return new Fault("ETAG_STALE", message, { repository: id });
}
