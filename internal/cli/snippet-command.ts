import type { Command } from "commander";
import type { Repository } from "#gen/larder/v1/resources_pb.ts";
import type { Configuration } from "#internal/config/configuration.ts";
import { formatAddress } from "#internal/config/parse-network.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Snippet } from "#internal/format/format.ts";
import { formats } from "#internal/format/formats.ts";
import { lastPart, repositoryNameOf } from "./names.ts";
import { printableJson } from "./printable.ts";
import type { Session } from "./session.ts";
import { layoutOf } from "./terminal.ts";

/** `larder snippet`. */
export function addSnippetCommand(program: Command, session: Session): void {
  program
    .command("snippet <repository>")
    .description("what to paste so that a client uses a repository")
    .option("--public-url <url>", "where clients reach the gateway (default: as configured)")
    .action(async (id: string, { publicUrl }: { publicUrl?: string }) => {
      const configuration = session.configuration({ publicUrl });
      const repository = await session.repoManager.getRepository({ name: repositoryNameOf(id) });
      const url = `${publicUrlOf(configuration)}/${lastPart(repository.name)}/`;
      writeSnippets(session, url, snippetsOf(repository, url));
    });
}

function snippetsOf({ format }: Repository, url: string): readonly Snippet[] {
  const known = formats.get(format);
  if (known) return known.snippets(url);
  throw new Fault("ARGUMENT_INVALID", `this larder does not know the format "${format}": update it`, {
    field: "format",
  });
}

/** As the server has it when it has the same settings. */
function publicUrlOf({ publicUrl, httpAddress }: Configuration): string {
  return publicUrl ?? `http://${formatAddress(httpAddress)}`;
}

function writeSnippets({ terminal, output: { isJson } }: Session, url: string, snippets: readonly Snippet[]): void {
  const { output, nowMs } = terminal;
  if (isJson) {
    output.write(`${printableJson({ url, snippets }, 2)}\n`);
    return;
  }
  const { paint } = layoutOf(output, nowMs());
  output.write(snippets.map(({ client, text }) => `${paint("dim", `# ${client}`)}\n${text.trimEnd()}\n`).join("\n"));
}
