import { type Command, Option } from "commander";
import { RepositorySchema, RepositoryState } from "#gen/larder/v1/resources_pb.ts";
import { formats } from "#internal/format/formats.ts";
import { addCredentialOptions, type CredentialOptions, readCredentialOptions } from "./credential-options.ts";
import { addRepositoryOptions, type RepositoryOptions, toRepositoryInit } from "./repository-options.ts";
import { describeRepository } from "./repository-view.ts";
import type { Session } from "./session.ts";

interface CreateOptions extends RepositoryOptions, CredentialOptions {
  readonly format: string;
  readonly allowInvalid?: true;
}

/** `--format`, with those that this Larder knows in its help; whether the server knows it, the server says. */
export const formatOption = (): Option =>
  new Option("--format <format>", `what the upstream speaks: ${[...formats.keys()].join(", ")}`);

/** `larder repo create`. */
export function addRepositoryCreateCommand(repo: Command, session: Session): void {
  const create = repo
    .command("create <id>")
    .description("mirror an upstream; it is tried first")
    .addOption(formatOption().makeOptionMandatory())
    .requiredOption("--upstream-url <url>", "what to mirror");
  addCredentialOptions(addRepositoryOptions(create)).action(async (id: string, options: CreateOptions) => {
    const credential = await readCredentialOptions(options, session.terminal);
    const repository = await session.repoManager.createRepository({
      repositoryId: id,
      repository: { format: options.format, ...toRepositoryInit(options) },
      allowInvalid: options.allowInvalid === true,
      ...(credential && { credential }),
    });
    session.output.answer(RepositorySchema, repository, describeRepository);
    if (repository.state === RepositoryState.UNREACHABLE && !session.output.isJson) {
      session.terminal.errors.write(`its upstream does not answer as it should: larder repo validate ${id}\n`);
    }
  });
}
