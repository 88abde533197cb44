import type { Command } from "commander";
import { PurgeEntriesResponseSchema } from "#gen/larder/v1/mirror_service_pb.ts";
import { countText, sizeText } from "./amounts.ts";
import { confirm } from "./confirm.ts";
import { lastPart, repositoryNameOf } from "./names.ts";
import { printable } from "./printable.ts";
import type { Session } from "./session.ts";
import { usageFault } from "./usage.ts";

interface PurgeOptions {
  readonly prefix?: string;
  readonly all?: boolean;
  readonly yes?: boolean;
}

/** `larder purge`. */
export function addPurgeCommand(program: Command, session: Session): void {
  program
    .command("purge <repository>")
    .description("forget cache entries; they are fetched again when somebody asks")
    .option("--prefix <key>", "those whose key begins so (larder entry list)")
    .option("--all", "every one")
    .option("-y, --yes", "do not ask")
    .action(async (repository: string, { prefix = "", all = false, yes = false }: PurgeOptions) => {
      if (all === (prefix !== "")) throw usageFault("give --prefix, or --all", "prefix");
      const what = all ? "every cache entry" : `the cache entries that begin with ${printable(prefix)}`;
      if (!yes && !(await confirm(session.terminal, `forget ${what} of ${lastPart(repository)}?`))) {
        session.terminal.errors.write("nothing was forgotten\n");
        return session.fail();
      }
      const answer = await session.mirror.purgeEntries({ parent: repositoryNameOf(repository), prefix, all });
      session.output.answer(PurgeEntriesResponseSchema, answer, ({ purgedCount, purgedBytes }) => [
        `forgot ${countText(purgedCount)} entries, ${sizeText(purgedBytes)}`,
      ]);
    });
}
