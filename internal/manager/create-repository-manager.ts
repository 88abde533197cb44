import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { Fault, isFault } from "#internal/fault/fault.ts";
import { checkRepositoryId, type Repository } from "#internal/repository/repository.ts";
import { checkCredential } from "./check-credential.ts";
import { checkFormat } from "./check-fields.ts";
import { judgeUpstream } from "./judge-upstream.ts";
import { newRepository } from "./new-repository.ts";
import type { RepositoryManager, ValidationInput } from "./repository-manager.ts";
import { updateRepository } from "./update-repository.ts";
import type { UpstreamAsk, ValidationDeps } from "./upstream-ask.ts";
import { validateUpstream } from "./validate-upstream.ts";

export interface RepositoryManagerOptions extends Pick<ValidationDeps, "upstream" | "formats"> {
  readonly repositories: RepositoryStore;
  /** Larger documents are LIMIT_EXCEEDED, whatever their kind allows. Default 256 MiB. */
  readonly documentMaxBytes?: number;
  /** For a whole validation. Default 30 s. */
  readonly deadlineMs?: number;
  /** Monotonic. Default: performance.now. */
  readonly nowMs?: () => number;
}

const DEFAULT_DOCUMENT_MAX_BYTES = 256 * 1024 * 1024;
const DEFAULT_DEADLINE_MS = 30_000;

/** The rules over the store and the way out. */
export function createRepositoryManager(options: RepositoryManagerOptions): RepositoryManager {
  const { repositories, formats } = options;
  const deps: ValidationDeps = {
    ...{ upstream: options.upstream, formats },
    documentMaxBytes: options.documentMaxBytes ?? DEFAULT_DOCUMENT_MAX_BYTES,
    deadlineMs: options.deadlineMs ?? DEFAULT_DEADLINE_MS,
    nowMs: options.nowMs ?? (() => performance.now()),
  };
  return {
    async create(input, { allowInvalid, credential, upstreamTrusted = false, offline = false }, actor) {
      const fresh = newRepository(input, formats, { actor, upstreamTrusted });
      if (credential) checkCredential(credential);
      await checkIsFree(repositories, fresh.id);
      const { format } = fresh;
      const ask = { format, upstreamUrl: input.upstreamUrl, credential, trusted: upstreamTrusted, offline };
      const { learnedOrigins, ...judged } = await judgeUpstream(deps, ask, allowInvalid);
      const fileOrigins = fresh.fileOrigins.length > 0 ? fresh.fileOrigins : learnedOrigins;
      return repositories.create({ ...fresh, ...judged, fileOrigins, credential }, actor);
    },
    update: (id, changes, given, actor) => updateRepository({ repositories, deps }, id, changes, given, actor),
    async *validate(input, signal) {
      yield* validateUpstream(deps, await toAsk(options, input), signal);
    },
  };
}

/** Told before the upstream is asked: that can take long. The store decides. */
async function checkIsFree(repositories: RepositoryStore, id: string): Promise<void> {
  const taken = await repositories.get(id).catch((error: unknown) => {
    if (isFault(error, "REPOSITORY_NOT_FOUND")) return undefined;
    throw error;
  });
  if (taken) throw new Fault("REPOSITORY_EXISTS", `there is a repository "${id}" already`, { repository: id });
}

async function toAsk(
  { repositories, formats }: RepositoryManagerOptions,
  input: ValidationInput,
): Promise<UpstreamAsk> {
  if (input.kind === "stored") {
    return askOfStored(repositories, await repositories.get(checkRepositoryId(input.repositoryId)));
  }
  const { format, upstreamUrl, credential } = input;
  if (format !== "") checkFormat(formats, format);
  if (credential) checkCredential(credential);
  return { format, upstreamUrl, credential, trusted: false };
}

async function askOfStored(repositories: RepositoryStore, repository: Repository): Promise<UpstreamAsk> {
  const { id, format, upstreamUrl, upstreamTrusted, upstreamMode } = repository;
  const credential = await repositories.readCredential(id);
  return { format, upstreamUrl, credential, trusted: upstreamTrusted, offline: upstreamMode === "OFFLINE" };
}
