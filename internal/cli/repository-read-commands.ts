import type { Command } from "commander";
import { ListRepositoriesResponseSchema, ListRepositoryEventsResponseSchema } from "#gen/larder/v1/repo_manager_pb.ts";
import { RepositorySchema } from "#gen/larder/v1/resources_pb.ts";
import { limitOption, listPages } from "./list-pages.ts";
import { repositoryNameOf } from "./names.ts";
import { describeRepository, EVENT_COLUMNS, REPOSITORY_COLUMNS } from "./repository-view.ts";
import type { Session } from "./session.ts";

interface ListOptions {
  readonly filter?: string;
  readonly orderBy?: string;
  readonly deleted?: true;
  readonly limit?: number;
}

/** `larder repo list`, `get` and `events`. */
export function addRepositoryReadCommands(repo: Command, session: Session): void {
  repo
    .command("list")
    .description("list repositories")
    .option("--filter <terms>", `e.g. 'format = "npm" AND labels.team = "web"'`)
    .option("--order-by <field>", `id, create_time or update_time; "create_time desc" turns it round`)
    .option("--deleted", "also those that are deleted")
    .addOption(limitOption())
    .action(({ filter = "", orderBy = "", deleted, limit }: ListOptions) =>
      listPages(session, {
        schema: ListRepositoriesResponseSchema,
        limit,
        fetch: (page) =>
          session.repoManager.listRepositories({ ...page, filter, orderBy, showDeleted: deleted === true }),
        items: ({ repositories }) => repositories,
        columns: REPOSITORY_COLUMNS,
      }),
    );
  repo
    .command("get <id>")
    .description("show one repository")
    .action(async (id: string) => {
      const repository = await session.repoManager.getRepository({ name: repositoryNameOf(id) });
      session.output.answer(RepositorySchema, repository, describeRepository);
    });
  repo
    .command("events [id]")
    .description("what happened to a repository, or to all, newest first")
    .addOption(limitOption())
    .action((id: string | undefined, { limit }: ListOptions) =>
      listPages(session, {
        schema: ListRepositoryEventsResponseSchema,
        limit,
        fetch: (page) => session.repoManager.listRepositoryEvents({ ...page, parent: repositoryNameOf(id ?? "-") }),
        items: ({ events }) => events,
        columns: EVENT_COLUMNS,
      }),
    );
}
