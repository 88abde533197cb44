import { RepoIndexer } from "#gen/larder/v1/repo_indexer_pb.ts";
import type { CatalogStore } from "#internal/database/catalog-store.ts";
import type { IndexTaskStore } from "#internal/database/index-task-store.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Format } from "#internal/format/format.ts";
import { needIndexable } from "#internal/indexer/indexable.ts";
import { isCatalogName } from "#internal/repository/package.ts";
import { actorOf, callerOf, watchSignal } from "./call.ts";
import { toIndexTaskMessage, toIssueMessage } from "./index-task-message.ts";
import { toPackageMessage, toVersionMessage } from "./package-message.ts";
import { readableUids } from "./readable-uids.ts";
import { readIndexTaskName, readPackageName, readRepositoryName, readRepositoryNameOrAll } from "./resource-name.ts";
import { type RpcService, rpcService } from "./rpc-service.ts";
import { watchTask } from "./watch-task.ts";

export interface RepoIndexerDeps {
  readonly repositories: Pick<RepositoryStore, "get" | "list">;
  readonly catalog: Pick<CatalogStore, "listPackages" | "getPackage" | "listVersions" | "search">;
  readonly tasks: Pick<
    IndexTaskStore,
    "request" | "cancel" | "requestAgain" | "confirmRemovals" | "get" | "list" | "listIssues"
  >;
  readonly formats: ReadonlyMap<string, Format>;
}

const MAX_PACKAGES = 1_000;

/** larder.v1.RepoIndexer: unpack, ask, pack. */
export function createRepoIndexer({ repositories, catalog, tasks, formats }: RepoIndexerDeps): RpcService {
  return rpcService(RepoIndexer, {
    async indexRepository({ name, packages, force }, context) {
      const repository = await repositories.get(readRepositoryName(name));
      needIndexable(formats, repository);
      checkPackages(packages);
      const task = await tasks.request(repository.id, { packages, force, actor: actorOf(context) });
      return toIndexTaskMessage(task);
    },
    async getIndexTask({ name }) {
      return toIndexTaskMessage(await tasks.get(readIndexTaskName(name)));
    },
    async listIndexTasks({ pageSize, pageToken, filter }) {
      const page = await tasks.list({ pageSize, pageToken, filter });
      return { indexTasks: page.items.map(toIndexTaskMessage), nextPageToken: page.nextPageToken };
    },
    async *watchIndexTask({ name }, context) {
      for await (const task of watchTask(tasks, readIndexTaskName(name), watchSignal(context))) {
        yield toIndexTaskMessage(task);
      }
    },
    async cancelIndexTask({ name }, context) {
      return toIndexTaskMessage(await tasks.cancel(readIndexTaskName(name), actorOf(context)));
    },
    async retryIndexTask({ name }, context) {
      return toIndexTaskMessage(await tasks.requestAgain(readIndexTaskName(name), actorOf(context)));
    },
    async confirmRemovals({ name }, context) {
      return toIndexTaskMessage(await tasks.confirmRemovals(readIndexTaskName(name), actorOf(context)));
    },
    async listIndexIssues({ parent, pageSize, pageToken }) {
      const taskId = readIndexTaskName(parent, "parent");
      const page = await tasks.listIssues(taskId, { pageSize, pageToken });
      return { issues: page.items.map((issue) => toIssueMessage(taskId, issue)), nextPageToken: page.nextPageToken };
    },
    async listPackages({ parent, pageSize, pageToken, filter }) {
      const { id, uid } = await repositories.get(readRepositoryName(parent, "parent"));
      const page = await catalog.listPackages(uid, { pageSize, pageToken, filter });
      return { packages: page.items.map((entry) => toPackageMessage(id, entry)), nextPageToken: page.nextPageToken };
    },
    async getPackage({ name }) {
      const { repositoryId, item } = readPackageName(name);
      const { uid } = await repositories.get(repositoryId);
      return toPackageMessage(repositoryId, await catalog.getPackage(uid, item));
    },
    async listVersions({ parent, pageSize, pageToken, filter }) {
      const { repositoryId, item } = readPackageName(parent, "parent");
      const { uid } = await repositories.get(repositoryId);
      const page = await catalog.listVersions(uid, item, { pageSize, pageToken, filter });
      const versions = page.items.map((entry) => toVersionMessage(repositoryId, item, entry));
      return { versions, nextPageToken: page.nextPageToken };
    },
    async searchPackages({ parent, query, pageSize, pageToken }, context) {
      const uids = await readableUids(repositories, callerOf(context), readParent(parent));
      const page = await catalog.search(uids, { query, pageSize, pageToken });
      const packages = page.items.map((found) => toPackageMessage(found.repositoryId, found.package));
      return { packages, nextPageToken: page.nextPageToken };
    },
  });
}

/** Undefined: all repositories. */
function readParent(parent: string): string | undefined {
  return parent === "" ? undefined : readRepositoryNameOrAll(parent, "parent");
}

function checkPackages(packages: readonly string[]): void {
  if (packages.length > MAX_PACKAGES) {
    throw new Fault("ARGUMENT_INVALID", `packages has ${packages.length} names, at most ${MAX_PACKAGES} are allowed`, {
      field: "packages",
    });
  }
  const broken = packages.find((name) => !isCatalogName(name));
  if (broken !== undefined) {
    const message = `packages: "${broken.slice(0, 80)}" cannot be the name of a package`;
    throw new Fault("ARGUMENT_INVALID", message, { field: "packages" });
  }
}
