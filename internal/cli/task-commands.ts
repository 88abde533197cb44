import { type Command, Option } from "commander";
import { ListIndexIssuesResponseSchema, ListIndexTasksResponseSchema } from "#gen/larder/v1/repo_indexer_pb.ts";
import { IndexTaskSchema, IndexTaskStateSchema } from "#gen/larder/v1/resources_pb.ts";
import { limitOption, listPages } from "./list-pages.ts";
import { indexTaskNameOf, repositoryNameOf } from "./names.ts";
import type { Session } from "./session.ts";
import { describeTask, ISSUE_COLUMNS, TASK_COLUMNS } from "./task-view.ts";
import { wordsOf } from "./words.ts";

interface ListOptions {
  readonly repository?: string;
  readonly state?: string;
  readonly limit?: number;
}

/** `larder task …`. */
export function addTaskCommands(program: Command, session: Session): void {
  const task = program.command("task").description("runs of the indexer");
  task
    .command("list")
    .description("list index tasks, newest first")
    .option("--repository <id>", "only of this repository")
    .addOption(new Option("--state <state>", "only in this state").choices(wordsOf(IndexTaskStateSchema)))
    .addOption(limitOption())
    .action((options: ListOptions) =>
      listPages(session, {
        schema: ListIndexTasksResponseSchema,
        limit: options.limit,
        fetch: (page) => session.repoIndexer.listIndexTasks({ ...page, filter: filterOf(options) }),
        items: ({ indexTasks }) => indexTasks,
        columns: TASK_COLUMNS,
      }),
    );
  task
    .command("get <id>")
    .description("show one task")
    .action(async (id: string) => {
      const found = await session.repoIndexer.getIndexTask({ name: indexTaskNameOf(id) });
      session.output.answer(IndexTaskSchema, found, describeTask);
    });
  task
    .command("issues <id>")
    .description("the entries of the index that a task could not read")
    .addOption(limitOption())
    .action((id: string, { limit }: ListOptions) =>
      listPages(session, {
        schema: ListIndexIssuesResponseSchema,
        limit,
        fetch: (page) => session.repoIndexer.listIndexIssues({ ...page, parent: indexTaskNameOf(id) }),
        items: ({ issues }) => issues,
        columns: ISSUE_COLUMNS,
      }),
    );
}

function filterOf({ repository, state }: ListOptions): string {
  const terms = [
    repository === undefined ? "" : `repository = ${JSON.stringify(repositoryNameOf(repository))}`,
    state === undefined ? "" : `state = "${state.toUpperCase()}"`,
  ];
  return terms.filter((term) => term !== "").join(" AND ");
}
