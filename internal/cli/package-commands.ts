import type { Command } from "commander";
import { ListPackagesResponseSchema, ListVersionsResponseSchema } from "#gen/larder/v1/repo_indexer_pb.ts";
import type { Package, Version } from "#gen/larder/v1/resources_pb.ts";
import { ageText, countText } from "./amounts.ts";
import { limitOption, listPages } from "./list-pages.ts";
import { repositoryNameOf } from "./names.ts";
import type { Session } from "./session.ts";
import type { Column } from "./table.ts";

interface ListOptions {
  readonly filter?: string;
  readonly limit?: number;
}

const PACKAGE_COLUMNS: readonly Column<Package>[] = [
  { title: "NAME", cell: ({ displayName }) => displayName },
  { title: "LATEST", cell: ({ latestVersion }) => latestVersion },
  { title: "VERSIONS", cell: ({ versionCount }) => countText(versionCount), align: "right" },
  { title: "UPDATED", cell: ({ updateTime }, { nowMs }) => ageText(updateTime, nowMs), align: "right" },
  { title: "STATE", cell: stateOf },
  { title: "DESCRIPTION", cell: ({ description }) => description, elastic: true },
];

const VERSION_COLUMNS: readonly Column<Version>[] = [
  { title: "VERSION", cell: ({ version }) => version },
  { title: "APP VERSION", cell: ({ appVersion }) => appVersion },
  { title: "PUBLISHED", cell: ({ publishTime }, { nowMs }) => ageText(publishTime, nowMs), align: "right" },
  { title: "STATE", cell: stateOf },
  { title: "DIGEST", cell: ({ digest }) => digest, elastic: true },
];

/** `larder package …`. */
export function addPackageCommands(program: Command, session: Session): void {
  const packages = program.command("package").description("what the indexes list");
  packages
    .command("list <repository>")
    .description("list packages by name")
    .option("--filter <terms>", `e.g. 'name = "ngi*" AND deprecated = "true"'`)
    .addOption(limitOption())
    .action((repository: string, { filter = "", limit }: ListOptions) =>
      listPages(session, {
        schema: ListPackagesResponseSchema,
        limit,
        fetch: (page) => session.repoIndexer.listPackages({ ...page, parent: repositoryNameOf(repository), filter }),
        items: (answer) => answer.packages,
        columns: PACKAGE_COLUMNS,
      }),
    );
  packages
    .command("versions <repository> <package>")
    .description("list the versions of a package, newest first")
    .option("--filter <terms>", `e.g. 'deprecated = "true"'`)
    .addOption(limitOption())
    .action((repository: string, name: string, { filter = "", limit }: ListOptions) => {
      const parent = `${repositoryNameOf(repository)}/packages/${encodeURIComponent(name)}`;
      return listPages(session, {
        schema: ListVersionsResponseSchema,
        limit,
        fetch: (page) => session.repoIndexer.listVersions({ ...page, parent, filter }),
        items: ({ versions }) => versions,
        columns: VERSION_COLUMNS,
      });
    });
}

function stateOf({ removed, deprecated }: Pick<Package, "removed" | "deprecated">): string {
  if (removed) return "removed";
  return deprecated ? "deprecated" : "";
}
