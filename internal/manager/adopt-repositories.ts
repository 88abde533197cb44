import type { Adopted } from "#internal/adoption/adopt.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { type Fault, isFault } from "#internal/fault/fault.ts";
import type { Format } from "#internal/format/format.ts";
import { SYSTEM_ACTOR } from "#internal/repository/event.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { newRepository } from "./new-repository.ts";

export interface AdoptionDeps {
  readonly repositories: RepositoryStore;
  readonly formats: ReadonlyMap<string, Format>;
  /** An upstream that cannot be a repository: a client's odd configuration must not stop the start. */
  onRefused(adopted: Adopted, fault: Fault): void;
}

/** Whether no repository was ever made, deleted ones included: what an administrator has deleted does not come back. */
export async function isCatalogueEmpty(repositories: RepositoryStore): Promise<boolean> {
  const { items } = await repositories.list({ pageSize: 1, showDeleted: true });
  return items.length === 0;
}

/**
 * Creates a public repository for each upstream that this machine's clients use, without asking the upstreams, when the catalogue is
 * empty. Of two with the same id the first is taken. Returns those that were created.
 */
export async function adoptRepositories(deps: AdoptionDeps, adopted: readonly Adopted[]): Promise<Repository[]> {
  if (!(await isCatalogueEmpty(deps.repositories))) return [];
  const created: Repository[] = [];
  for (const each of adopted) {
    const repository = await adoptOne(deps, each);
    if (repository) created.push(repository);
  }
  return created;
}

async function adoptOne(deps: AdoptionDeps, adopted: Adopted): Promise<Repository | undefined> {
  const { repositoryId: id, format, url: upstreamUrl, fileOrigins = [] } = adopted;
  const texts = { displayName: "", description: "", labels: {} };
  const times = { syncIntervalMs: 0, metadataTtlMs: undefined };
  const input = { id, format: format.id, upstreamUrl, fileOrigins, visibility: "PUBLIC" as const, ...texts, ...times };
  try {
    const repository = newRepository(input, deps.formats, { actor: SYSTEM_ACTOR, upstreamTrusted: true });
    return await deps.repositories.create(repository, SYSTEM_ACTOR);
  } catch (error) {
    if (!isFault(error, "ARGUMENT_INVALID", "REPOSITORY_EXISTS")) throw error;
    deps.onRefused(adopted, error);
    return undefined;
  }
}
