import { isDeepStrictEqual } from "node:util";
import type { ConfiguredRepository } from "#internal/config/configured-repositories.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { Fault, isFault } from "#internal/fault/fault.ts";
import type { Format } from "#internal/format/format.ts";
import { SYSTEM_ACTOR } from "#internal/repository/event.ts";
import type { Credential, Repository } from "#internal/repository/repository.ts";
import { checkFields, checkFormat } from "./check-fields.ts";
import type { RepositoryChanges, RepositoryManager } from "./repository-manager.ts";

export interface ConfiguredDeps {
  readonly formats: ReadonlyMap<string, Format>;
  readonly manager: RepositoryManager;
  readonly repositories: RepositoryStore;
}

/** An upstream that is down must not stop the start; the operator's choice is trusted. */
const BY_OPERATOR = { allowInvalid: true, upstreamTrusted: true };

/**
 * Creates the repositories of the configuration file, or writes what differs from it; what the file does not name stays as it is.
 * Returns them in the order of the file.
 * @throws Fault ARGUMENT_INVALID that names the repository and the field.
 */
export async function applyConfiguredRepositories(
  deps: ConfiguredDeps,
  configured: readonly ConfiguredRepository[],
): Promise<Repository[]> {
  return someAtOnce(configured, (each) => applyOne(deps, each));
}

/**
 * Looks again at the upstreams of those that did not answer as they should when they were stored. It can take long; one that was changed
 * meanwhile is left alone.
 */
export async function lookAgainAtConfigured(
  { manager, repositories }: ConfiguredDeps,
  configured: readonly ConfiguredRepository[],
): Promise<void> {
  await someAtOnce(configured, async ({ id }) => {
    const current = await find(repositories, id);
    if (current?.state !== "UNREACHABLE" || current.upstreamMode === "OFFLINE") return;
    const { upstreamUrl, upstreamTrusted, version } = current;
    const options = { allowInvalid: true, upstreamTrusted, etagVersion: version };
    await manager.update(id, { upstreamUrl }, options, SYSTEM_ACTOR).catch((error: unknown) => {
      if (!isFault(error, "ETAG_STALE", "REPOSITORY_NOT_FOUND")) throw error;
    });
  });
}

/** At a time, so that some upstreams that do not answer do not add up their time-outs. */
const CONCURRENCY = 8;

async function someAtOnce<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  const worker = async () => {
    for (const [at, item] of waiting) results[at] = await work(item);
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}

async function applyOne(deps: ConfiguredDeps, configured: ConfiguredRepository): Promise<Repository> {
  try {
    const applied = await createOrUpdate(deps, configured);
    const { id, upstreamMode = applied.upstreamMode } = configured;
    if (upstreamMode === applied.upstreamMode) return applied;
    const [switched = applied] = await deps.repositories.setUpstreamMode({ id }, upstreamMode, SYSTEM_ACTOR);
    return switched;
  } catch (error) {
    if (!isFault(error, "ARGUMENT_INVALID")) throw error;
    const message = `repository "${configured.id}" of the configuration: ${error.message}`;
    throw new Fault("ARGUMENT_INVALID", message, { ...error.facts, repository: configured.id }, { cause: error });
  }
}

async function createOrUpdate(deps: ConfiguredDeps, configured: ConfiguredRepository): Promise<Repository> {
  const current = await find(deps.repositories, configured.id);
  if (current) return update(deps, current, configured);
  try {
    return await create(deps.manager, configured);
  } catch (error) {
    if (!isFault(error, "REPOSITORY_EXISTS")) throw error;
    // Another process of this installation reads the same file.
    return update(deps, await deps.repositories.get(configured.id), configured);
  }
}

function create(manager: RepositoryManager, configured: ConfiguredRepository): Promise<Repository> {
  const { displayName = "", description = "", fileOrigins = [], labels = {}, syncIntervalMs = 0 } = configured;
  const { id, format, upstreamUrl, visibility, metadataTtlMs, credential } = configured;
  const given = { id, format, upstreamUrl, visibility, metadataTtlMs };
  const input = { ...given, displayName, description, fileOrigins, labels, syncIntervalMs };
  const offline = configured.upstreamMode === "OFFLINE";
  return manager.create(input, { ...BY_OPERATOR, credential, offline }, SYSTEM_ACTOR);
}

async function update(
  { manager, repositories, formats }: ConfiguredDeps,
  current: Repository,
  configured: ConfiguredRepository,
): Promise<Repository> {
  if (configured.format !== current.format) {
    const problem = `format is "${current.format}" and cannot become "${configured.format}"`;
    throw new Fault("ARGUMENT_INVALID", `${problem}: delete it first, or use another id`, { field: "format" });
  }
  const changes = differences(current, configured, checkFormat(formats, current.format));
  const credential = await changedCredential(repositories, current, configured);
  if (Object.keys(changes).length === 0 && !credential && current.upstreamTrusted) return current;
  const options = { ...BY_OPERATOR, etagVersion: undefined, ...(credential && { credential }) };
  return manager.update(current.id, changes, options, SYSTEM_ACTOR);
}

/** Fields of the file that are not as stored. */
function differences(current: Repository, configured: ConfiguredRepository, format: Format): RepositoryChanges {
  const { displayName, description, visibility, labels, fileOrigins, syncIntervalMs, metadataTtlMs, upstreamUrl } =
    configured;
  const texts = { displayName: displayName === "" ? current.id : displayName, description, upstreamUrl };
  const named = { ...texts, visibility, labels, fileOrigins, syncIntervalMs, metadataTtlMs };
  const given = Object.entries(named).filter(([, value]) => value !== undefined);
  const checked: typeof named = checkFields(Object.fromEntries(given) as RepositoryChanges & typeof named, format);
  const stored = { ...checked, upstreamUrl: format.canonicalUrl(new URL(upstreamUrl)) };
  const changed = Object.entries(stored).filter(
    ([field, value]) => !isDeepStrictEqual(value, current[field as keyof typeof named]),
  );
  return Object.fromEntries(changed);
}

async function changedCredential(
  repositories: RepositoryStore,
  current: Repository,
  { credential }: ConfiguredRepository,
): Promise<Credential | undefined> {
  if (!credential) return undefined;
  const stored = await repositories.readCredential(current.id);
  return isDeepStrictEqual(stored, credential) ? undefined : credential;
}

async function find(repositories: RepositoryStore, id: string): Promise<Repository | undefined> {
  return repositories.get(id).catch((error: unknown) => {
    if (isFault(error, "REPOSITORY_NOT_FOUND")) return undefined;
    throw error;
  });
}
