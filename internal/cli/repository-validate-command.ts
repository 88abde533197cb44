import type { MessageInitShape } from "@bufbuild/protobuf";
import type { Command } from "commander";
import {
  type ValidateRepositoryRequestSchema,
  type ValidateRepositoryResponse,
  ValidateRepositoryResponseSchema,
} from "#gen/larder/v1/repo_manager_pb.ts";
import { addCredentialOptions, type CredentialOptions, readCredentialOptions } from "./credential-options.ts";
import { repositoryNameOf } from "./names.ts";
import { formatOption } from "./repository-create-command.ts";
import type { Session } from "./session.ts";
import type { Layout } from "./terminal.ts";
import { usageFault } from "./usage.ts";
import { describePreview, describeStep } from "./validation-view.ts";

interface ValidateOptions extends CredentialOptions {
  readonly format?: string;
  readonly upstreamUrl?: string;
}

/** `larder repo validate`: a line a step as it comes. Exit code 1 when the upstream is not valid. */
export function addRepositoryValidateCommand(repo: Command, session: Session): void {
  const validate = repo
    .command("validate [id]")
    .description("try an upstream step by step: a stored one, or one that is given; nothing is changed")
    .addOption(formatOption())
    .option("--upstream-url <url>", "what to try; without --format every format is tried");
  addCredentialOptions(validate).action(async (id: string | undefined, options: ValidateOptions) => {
    const request = await readRequest(id, options, session);
    let isValid = false;
    for await (const message of session.repoManager.validateRepository(request)) {
      session.output.event(ValidateRepositoryResponseSchema, message, describe);
      if (message.event.case === "preview") isValid = message.event.value.valid;
    }
    if (!isValid) session.fail();
  });
}

async function readRequest(
  id: string | undefined,
  options: ValidateOptions,
  { terminal }: Session,
): Promise<MessageInitShape<typeof ValidateRepositoryRequestSchema>> {
  const { format = "", upstreamUrl = "" } = options;
  const credential = await readCredentialOptions(options, terminal);
  const isGiven = format !== "" || upstreamUrl !== "" || credential !== undefined;
  if (id !== undefined && isGiven) throw usageFault("give an id, or an upstream, not both", "id");
  if (id !== undefined) return { name: repositoryNameOf(id) };
  if (upstreamUrl === "") throw usageFault("give the id of a repository, or --upstream-url", "upstream-url");
  return { format, upstreamUrl, ...(credential && { credential }) };
}

function describe({ event }: ValidateRepositoryResponse, layout: Layout): readonly string[] {
  if (event.case === "step") return describeStep(event.value, layout);
  return event.case === "preview" ? describePreview(event.value, layout) : [];
}
