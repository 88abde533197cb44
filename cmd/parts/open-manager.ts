import { type Adopted, adoptUpstreams } from "#internal/adoption/adopt.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { formats } from "#internal/format/formats.ts";
import { adoptRepositories, isCatalogueEmpty } from "#internal/manager/adopt-repositories.ts";
import { applyConfiguredRepositories } from "#internal/manager/apply-configured.ts";
import { createRepositoryManager } from "#internal/manager/create-repository-manager.ts";
import type { RepositoryManager } from "#internal/manager/repository-manager.ts";
import type { Upstream } from "#internal/upstream/upstream.ts";
import type { Foundation } from "./process-life.ts";
import { ownUrls } from "./public-url.ts";

export function openManager(
  { configuration }: Foundation,
  parts: { readonly repositories: RepositoryStore; readonly upstream: Upstream },
): RepositoryManager {
  return createRepositoryManager({ ...parts, formats, documentMaxBytes: configuration.documentMaxBytes });
}

/**
 * Repositories that a start brings: those of the configuration file, and, in a catalogue that never had one, those that this machine's
 * clients use. Returns what was adopted.
 */
export async function fillCatalogue(
  { configuration, logger }: Foundation,
  parts: { readonly repositories: RepositoryStore; readonly manager: RepositoryManager },
): Promise<Adopted[]> {
  const { repositories, manager } = parts;
  await applyConfiguredRepositories({ formats, manager, repositories }, configuration.repositories);
  if (configuration.adopt === "off" || !(await isCatalogueEmpty(repositories))) return [];
  const found = await adoptUpstreams(formats.values(), { env: process.env, ownUrls: ownUrls(configuration) });
  const onRefused = ({ repositoryId, foundIn }: Adopted, { message }: Error): void =>
    logger.warn(`${repositoryId} of ${foundIn} was not adopted: ${message}`);
  const created = await adoptRepositories({ repositories, formats, onRefused }, found);
  return found.filter(({ repositoryId }) => created.some(({ id }) => id === repositoryId));
}
