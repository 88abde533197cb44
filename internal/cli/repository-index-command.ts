import type { Command } from "commander";
import { type IndexTask, IndexTaskSchema } from "#gen/larder/v1/resources_pb.ts";
import { lastPart, repositoryNameOf } from "./names.ts";
import { createProgress } from "./progress.ts";
import type { Session } from "./session.ts";
import { describeTask, hasSucceeded, progressText } from "./task-view.ts";
import { collect } from "./usage.ts";

interface IndexOptions {
  readonly wait?: boolean;
  readonly force?: true;
  readonly package?: readonly string[];
}

/** `larder repo index`. */
export function addRepositoryIndexCommand(repo: Command, session: Session): void {
  repo
    .command("index <id>")
    .description("read the upstream's index into the catalogue")
    .option("--wait", "until it has ended; exit code 1 unless it SUCCEEDED or is PARTIAL (default on a terminal)")
    .option("--no-wait", "only ask for it (default elsewhere)")
    .option("--force", "compare even when the index has not changed")
    .option("--package <name>", "only this one; may be repeated", collect)
    .action(async (id: string, options: IndexOptions) => {
      const { force = false, package: packages = [], wait = session.terminal.output.isTTY === true } = options;
      const name = repositoryNameOf(id);
      const task = await session.repoIndexer.indexRepository({ name, force, packages: [...packages] });
      if (wait) return watch(session, task);
      session.output.answer(IndexTaskSchema, task, describeTask);
    });
}

/** Follows the task to its end: progress for people, each change as a line of JSON for programs. */
async function watch({ repoIndexer, output, terminal, fail }: Session, asked: IndexTask): Promise<void> {
  const progress = createProgress(terminal);
  let last = asked;
  try {
    for await (const task of repoIndexer.watchIndexTask({ name: asked.name })) {
      last = task;
      if (output.isJson) output.event(IndexTaskSchema, task, describeTask);
      else progress.show(progressText(task));
    }
  } finally {
    progress.clear();
  }
  if (!output.isJson) {
    output.answer(IndexTaskSchema, last, describeTask);
    if ((last.counts?.failed ?? 0n) > 0n) terminal.errors.write(`see: larder task issues ${lastPart(last.name)}\n`);
  }
  if (!hasSucceeded(last)) fail();
}
