import type { Command } from "commander";
import { type Entry, ListEntriesResponseSchema } from "#gen/larder/v1/mirror_service_pb.ts";
import { ageText, expiryText, sizeText } from "./amounts.ts";
import { limitOption, listPages } from "./list-pages.ts";
import { lastPart, repositoryNameOf } from "./names.ts";
import type { Session } from "./session.ts";
import type { Column } from "./table.ts";

const ENTRY_COLUMNS: readonly Column<Entry>[] = [
  { title: "KEY", cell: ({ name }) => lastPart(name), elastic: true },
  { title: "STATUS", cell: ({ status }) => String(status), align: "right" },
  { title: "SIZE", cell: ({ sizeBytes }) => sizeText(sizeBytes), align: "right" },
  { title: "STORED", cell: ({ storeTime }, { nowMs }) => ageText(storeTime, nowMs), align: "right" },
  { title: "CHECKED", cell: ({ checkTime }, { nowMs }) => ageText(checkTime, nowMs), align: "right" },
  { title: "EXPIRES", cell: ({ expireTime }, { nowMs }) => expiryText(expireTime, nowMs), align: "right" },
];

/** `larder entry …`. */
export function addEntryCommands(program: Command, session: Session): void {
  const entry = program.command("entry").description("what is in the cache");
  entry
    .command("list <repository>")
    .description("list the cache entries of a repository by key")
    .option("--prefix <key>", "only keys that begin so, e.g. document/ or file/react/")
    .addOption(limitOption())
    .action((repository: string, { prefix = "", limit }: { prefix?: string; limit?: number }) =>
      listPages(session, {
        schema: ListEntriesResponseSchema,
        limit,
        fetch: (page) => session.mirror.listEntries({ ...page, parent: repositoryNameOf(repository), prefix }),
        items: ({ entries }) => entries,
        columns: ENTRY_COLUMNS,
      }),
    );
}
