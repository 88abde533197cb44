import type { Command } from "commander";
import { RepositorySchema } from "#gen/larder/v1/resources_pb.ts";
import { addCredentialOptions, type CredentialOptions, readCredentialOptions } from "./credential-options.ts";
import { lastPart, repositoryNameOf } from "./names.ts";
import type { Session } from "./session.ts";
import { usageFault } from "./usage.ts";

/** `larder repo credential`. */
export function addRepositoryCredentialCommand(repo: Command, session: Session): void {
  const credentialCommand = repo
    .command("credential <id>")
    .description("set, replace or clear the secret for the upstream; it is never shown");
  addCredentialOptions(credentialCommand)
    .option("--clear", "forget it")
    .action(async (id: string, { clear = false, ...options }: CredentialOptions & { clear?: boolean }) => {
      const credential = await readCredentialOptions(options, session.terminal);
      if (clear === (credential !== undefined)) throw usageFault("give a credential, or --clear", "credential");
      const name = repositoryNameOf(id);
      const repository = await session.repoManager.setRepositoryCredential({ name, ...(credential && { credential }) });
      session.output.answer(RepositorySchema, repository, ({ hasCredential }) => [
        `${lastPart(name)} ${hasCredential ? "has a credential" : "has no credential"}`,
      ]);
    });
}
