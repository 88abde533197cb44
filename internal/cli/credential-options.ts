import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Command } from "commander";
import type { CredentialSchema } from "#gen/larder/v1/repo_manager_pb.ts";
import { readSecret } from "./read-secret.ts";
import type { Terminal } from "./terminal.ts";
import { usageFault } from "./usage.ts";

/** As the parser yields them. */
export interface CredentialOptions {
  readonly username?: string;
  readonly passwordFile?: string;
  readonly bearerFile?: string;
  readonly header?: string;
  readonly headerFile?: string;
}

/** Secrets come out of files or standard input: other users of the machine can read a command line. */
export function addCredentialOptions(command: Command): Command {
  return command
    .option("--username <name>", "for the upstream (basic); needs --password-file")
    .option("--password-file <path>", "file with the password; - reads standard input")
    .option("--bearer-file <path>", "file with a bearer token for the upstream; - reads standard input")
    .option("--header <name>", "name of a header for the upstream; needs --header-file")
    .option("--header-file <path>", "file with the header's value; - reads standard input");
}

/**
 * Undefined when no option of a credential is given.
 * @throws Fault ARGUMENT_INVALID when they are of several kinds, half given, or their file cannot be read
 */
export async function readCredentialOptions(
  options: CredentialOptions,
  terminal: Terminal,
): Promise<MessageInitShape<typeof CredentialSchema> | undefined> {
  const { username, passwordFile, bearerFile, header, headerFile } = options;
  const kinds = [username ?? passwordFile, bearerFile, header ?? headerFile].filter((given) => given !== undefined);
  if (kinds.length === 0) return undefined;
  if (kinds.length > 1) throw usageFault("give one of --username, --bearer-file and --header", "credential");
  if (bearerFile !== undefined) {
    return { kind: { case: "bearer", value: { token: await readSecret(terminal, bearerFile, "--bearer-file") } } };
  }
  if (username !== undefined && passwordFile !== undefined) {
    const password = await readSecret(terminal, passwordFile, "--password-file");
    return { kind: { case: "basic", value: { username, password } } };
  }
  if (header !== undefined && headerFile !== undefined) {
    const value = await readSecret(terminal, headerFile, "--header-file");
    return { kind: { case: "header", value: { name: header, value } } };
  }
  throw usageFault("--username goes with --password-file, --header with --header-file", "credential");
}
