import { type Adopted, adoptUpstreams } from "#internal/adoption/adopt.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { formats } from "#internal/format/formats.ts";
import { adoptRepositories, isCatalogueEmpty } from "#internal/manager/adopt-repositories.ts";
import { applyConfiguredRepositories, lookAgainAtConfigured } from "#internal/manager/apply-configured.ts";
import { createRepositoryManager } from "#internal/manager/create-repository-manager.ts";
import type { RepositoryManager } from "#internal/manager/repository-manager.ts";
import type { Upstream } from "#internal/upstream/upstream.ts";
import type { Foundation } from "./process-life.ts";
import { ownUrls } from "./public-url.ts";

interface ManagerParts {
  readonly repositories: RepositoryStore;
  readonly upstream: Upstream;
}

/** How long a start waits for an upstream of the configuration file to show what it is. */
const START_DEADLINE_MS = 1_000;

export function openManager(
  { configuration }: Foundation,
  parts: ManagerParts,
  deadlineMs?: number,
): RepositoryManager {
  const { documentMaxBytes } = configuration;
  return createRepositoryManager({ ...parts, formats, documentMaxBytes, ...(deadlineMs && { deadlineMs }) });
}

/**
 * Repositories that a start brings: those of the configuration file, and, in a catalogue that never had one, those that this machine's
 * clients use. Returns what was adopted.
 */
export async function fillCatalogue(foundation: Foundation, parts: ManagerParts): Promise<Adopted[]> {
  const { configuration, logger } = foundation;
  const { repositories } = parts;
  const hasty = openManager(foundation, parts, START_DEADLINE_MS);
  await applyConfiguredRepositories({ formats, manager: hasty, repositories }, configuration.repositories);
  lookAgainLater(foundation, parts);
  if (configuration.adopt === "off" || !(await isCatalogueEmpty(repositories))) return [];
  const found = await adoptUpstreams(formats.values(), { env: process.env, ownUrls: ownUrls(configuration) });
  const onRefused = ({ repositoryId, foundIn }: Adopted, { message }: Error): void =>
    logger.warn(`${repositoryId} of ${foundIn} was not adopted: ${message}`);
  const created = await adoptRepositories({ repositories, formats, onRefused }, found);
  return found.filter(({ repositoryId }) => created.some(({ id }) => id === repositoryId));
}

/** What is cached must be served while an upstream is slow or away, so nobody waits for this. */
function lookAgainLater(foundation: Foundation, parts: ManagerParts): void {
  const { configuration, logger, onStop } = foundation;
  let isStopping = false;
  onStop(async () => {
    isStopping = true;
  });
  const deps = { formats, manager: openManager(foundation, parts), repositories: parts.repositories };
  lookAgainAtConfigured(deps, configuration.repositories).catch((error: unknown) => {
    if (!isStopping) logger.warn("configured upstreams could not be looked at again", { error });
  });
}
