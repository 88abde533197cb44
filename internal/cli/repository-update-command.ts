import { type Command, Option } from "commander";
import { RepositorySchema } from "#gen/larder/v1/resources_pb.ts";
import { repositoryNameOf } from "./names.ts";
import { addRepositoryOptions, type RepositoryOptions, toRepositoryInit } from "./repository-options.ts";
import { describeRepository } from "./repository-view.ts";
import type { Session } from "./session.ts";
import { collect, optionParser, usageFault } from "./usage.ts";

interface UpdateOptions extends RepositoryOptions {
  readonly clear?: readonly string[];
  readonly etag?: string;
  readonly allowInvalid?: true;
}

const CLEARABLE = ["display-name", "description", "labels", "file-origins", "metadata-ttl", "sync-interval"];

/** `larder repo update`: changes what is given, and nothing else. */
export function addRepositoryUpdateCommand(repo: Command, session: Session): void {
  const update = repo
    .command("update <id>")
    .description("change the given fields; --label and --file-origin replace the whole list")
    .option(
      "--upstream-url <url>",
      "another upstream; it is tried first, and a credential does not follow to another origin",
    );
  addRepositoryOptions(update)
    .addOption(
      new Option("--clear <field>", `back to the default: ${CLEARABLE.join(", ")}; may be repeated`).argParser(
        addClear,
      ),
    )
    .option("--etag <etag>", "only when this is the stored one (larder repo get)")
    .action(async (id: string, options: UpdateOptions) => {
      const fields = toRepositoryInit(options);
      const paths = [
        ...Object.keys(fields).map(maskPath),
        ...(options.clear ?? []).map((field) => field.replaceAll("-", "_")),
      ];
      if (paths.length === 0) throw usageFault("nothing to change: give at least one field", "arguments");
      const repository = await session.repoManager.updateRepository({
        repository: {
          name: repositoryNameOf(id),
          ...fields,
          ...(options.etag !== undefined && { etag: options.etag }),
        },
        updateMask: { paths },
        allowInvalid: options.allowInvalid === true,
      });
      session.output.answer(RepositorySchema, repository, describeRepository);
    });
}

const addClear = (text: string, before: readonly string[] | undefined) =>
  collect(optionParser(readField)(text), before);

function readField(text: string): string {
  if (!CLEARABLE.includes(text)) throw new Error(`must be one of ${CLEARABLE.join(", ")}`);
  return text;
}

/** `upstreamUrl` → `upstream_url`. */
function maskPath(field: string): string {
  return field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
