import type { Command } from "commander";
import { addRepositoryChangeCommands } from "./repository-change-commands.ts";
import { addRepositoryCreateCommand } from "./repository-create-command.ts";
import { addRepositoryCredentialCommand } from "./repository-credential-command.ts";
import { addRepositoryIndexCommand } from "./repository-index-command.ts";
import { addRepositoryReadCommands } from "./repository-read-commands.ts";
import { addRepositoryUpdateCommand } from "./repository-update-command.ts";
import { addRepositoryValidateCommand } from "./repository-validate-command.ts";
import type { Session } from "./session.ts";

/** `larder repo …`, in the order of the help. */
export function addRepositoryCommands(program: Command, session: Session): void {
  const repo = program.command("repo").description("repositories and their upstreams");
  addRepositoryCreateCommand(repo, session);
  addRepositoryReadCommands(repo, session);
  addRepositoryUpdateCommand(repo, session);
  addRepositoryChangeCommands(repo, session);
  addRepositoryValidateCommand(repo, session);
  addRepositoryCredentialCommand(repo, session);
  addRepositoryIndexCommand(repo, session);
}
