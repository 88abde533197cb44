import type { Command } from "commander";
import { BatchDeleteRepositoriesResponseSchema } from "#gen/larder/v1/repo_manager_pb.ts";
import { RepositorySchema, UpstreamMode, UpstreamModeSchema } from "#gen/larder/v1/resources_pb.ts";
import { lastPart, repositoryNameOf } from "./names.ts";
import { describeRepository } from "./repository-view.ts";
import type { Session } from "./session.ts";
import { usageFault } from "./usage.ts";
import { wordOf } from "./words.ts";

/** `larder repo delete`, `undelete`, `online` and `offline`. */
export function addRepositoryChangeCommands(repo: Command, session: Session): void {
  repo
    .command("delete <id...>")
    .description("delete all of these or none; undelete takes it back until the id is taken again")
    .option("--etag <etag>", "only when this is the stored one; for a single repository")
    .action((ids: string[], { etag }: { etag?: string }) => deleteRepositories(session, ids, etag));
  repo
    .command("undelete <id>")
    .description("take a deletion back")
    .action(async (id: string) => {
      const repository = await session.repoManager.undeleteRepository({ name: repositoryNameOf(id) });
      session.output.answer(RepositorySchema, repository, describeRepository);
    });
  addModeCommand("online", UpstreamMode.ONLINE, "allow calls to the upstream");
  addModeCommand("offline", UpstreamMode.OFFLINE, "forbid calls to the upstream: what is absent says so");

  function addModeCommand(verb: string, upstreamMode: UpstreamMode, description: string): void {
    repo
      .command(`${verb} [id]`)
      .description(description)
      .option("--all", "of every repository")
      .action(async (id: string | undefined, { all = false }: { all?: boolean }) => {
        if (all === (id !== undefined)) throw usageFault("give the id of one repository, or --all", "id");
        const repository = await session.mirror.setUpstreamMode({ name: repositoryNameOf(id ?? "-"), upstreamMode });
        session.output.answer(RepositorySchema, repository, ({ upstreamMode: mode }) => [
          `${id === undefined ? "every repository" : lastPart(id)} is ${wordOf(UpstreamModeSchema, mode)}`,
        ]);
      });
  }
}

async function deleteRepositories({ repoManager, output }: Session, ids: string[], etag = ""): Promise<void> {
  const names = ids.map(repositoryNameOf);
  const [name = "", ...others] = names;
  if (others.length === 0) {
    const repository = await repoManager.deleteRepository({ name, etag });
    output.answer(RepositorySchema, repository, () => [`deleted ${lastPart(repository.name)}`]);
    return;
  }
  if (etag !== "") throw usageFault("--etag names one version of one repository", "etag");
  const answer = await repoManager.batchDeleteRepositories({ names });
  output.answer(BatchDeleteRepositoriesResponseSchema, answer, ({ repositories }) =>
    repositories.map((repository) => `deleted ${lastPart(repository.name)}`),
  );
}
