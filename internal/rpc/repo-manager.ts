import { RepoManager } from "#gen/larder/v1/repo_manager_pb.ts";
import type { Repository as RepositoryMessage } from "#gen/larder/v1/resources_pb.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { RepositoryManager } from "#internal/manager/repository-manager.ts";
import { actorOf, watchSignal } from "./call.ts";
import { readCredential } from "./credential-message.ts";
import { readEtag } from "./etag.ts";
import { toEventMessage } from "./event-message.ts";
import { readRepositoryInput, toRepositoryMessage } from "./repository-message.ts";
import { readRepositoryName, readRepositoryNameOrAll } from "./resource-name.ts";
import { type RpcService, rpcService } from "./rpc-service.ts";
import { maskedChanges } from "./update-mask.ts";
import { readValidationInput, toValidationMessage } from "./validation-message.ts";
import { watchEvents } from "./watch-events.ts";

export interface RepoManagerDeps {
  readonly repositories: RepositoryStore;
  readonly manager: RepositoryManager;
}

const MAX_BATCH = 100;

/** larder.v1.RepoManager: unpack, ask, pack. */
export function createRepoManager({ repositories, manager }: RepoManagerDeps): RpcService {
  return rpcService(RepoManager, {
    async createRepository({ repositoryId, repository, allowInvalid, credential }, context) {
      const input = readRepositoryInput(repositoryId, needRepository(repository));
      const options = { allowInvalid, credential: readCredential(credential) };
      return toRepositoryMessage(await manager.create(input, options, actorOf(context)));
    },
    async getRepository({ name }) {
      return toRepositoryMessage(await repositories.get(readRepositoryName(name)));
    },
    async listRepositories({ pageSize, pageToken, filter, orderBy, showDeleted }) {
      const page = await repositories.list({ pageSize, pageToken, filter, orderBy, showDeleted });
      return { repositories: page.items.map(toRepositoryMessage), nextPageToken: page.nextPageToken };
    },
    async updateRepository({ repository, updateMask, allowInvalid }, context) {
      const message = needRepository(repository);
      const id = readRepositoryName(message.name, "repository.name");
      const changes = maskedChanges(readRepositoryInput(id, message), updateMask);
      const options = { etagVersion: readEtag(message.etag), allowInvalid };
      return toRepositoryMessage(await manager.update(id, changes, options, actorOf(context)));
    },
    async deleteRepository({ name, etag }, context) {
      const by = { actor: actorOf(context), etagVersion: readEtag(etag) };
      return toRepositoryMessage(await repositories.delete(readRepositoryName(name), by));
    },
    async batchDeleteRepositories({ names }, context) {
      if (names.length < 1 || names.length > MAX_BATCH) {
        throw new Fault("ARGUMENT_INVALID", `names must be 1 to ${MAX_BATCH} repositories`, { field: "names" });
      }
      const ids = names.map((name) => readRepositoryName(name, "names"));
      const deleted = await repositories.deleteMany(ids, actorOf(context));
      return { repositories: deleted.map(toRepositoryMessage) };
    },
    async undeleteRepository({ name }, context) {
      return toRepositoryMessage(await repositories.undelete(readRepositoryName(name), actorOf(context)));
    },
    async *validateRepository(request, { signal }) {
      for await (const event of manager.validate(readValidationInput(request), signal))
        yield toValidationMessage(event);
    },
    async setRepositoryCredential({ name, credential }, context) {
      const secret = readCredential(credential);
      return toRepositoryMessage(await repositories.setCredential(readRepositoryName(name), secret, actorOf(context)));
    },
    async listRepositoryEvents({ parent, pageSize, pageToken }) {
      const page = await repositories.listEvents(await uidOf(parent), { pageSize, pageToken });
      return { events: page.items.map(toEventMessage), nextPageToken: page.nextPageToken };
    },
    async *watchRepositoryEvents({ parent, afterEventId }, context) {
      const watch = { repositoryUid: await uidOf(parent), afterId: afterEventId };
      for await (const event of watchEvents(repositories, watch, watchSignal(context))) yield toEventMessage(event);
    },
  });

  /** Undefined for all repositories. */
  async function uidOf(parent: string): Promise<string | undefined> {
    const id = readRepositoryNameOrAll(parent, "parent");
    return id === undefined ? undefined : (await repositories.get(id)).uid;
  }
}

function needRepository(repository: RepositoryMessage | undefined): RepositoryMessage {
  if (!repository) throw new Fault("ARGUMENT_INVALID", "repository is required", { field: "repository" });
  return repository;
}
