import { Command } from "commander";
import { KEY_RULES } from "#internal/config/configuration-keys.ts";
import { addEntryCommands } from "./entry-commands.ts";
import { addPackageCommands } from "./package-commands.ts";
import { addPurgeCommand } from "./purge-command.ts";
import { addRepositoryCommands } from "./repository-commands.ts";
import { createSession, type GlobalOptions, type Session } from "./session.ts";
import { addSnippetCommand } from "./snippet-command.ts";
import { addStatsCommand } from "./stats-command.ts";
import { addTaskCommands } from "./task-commands.ts";
import { type Terminal, widthOf } from "./terminal.ts";
import { addVerifyCommand } from "./verify-command.ts";

/** Where nobody says how wide the terminal is. */
const HELP_WIDTH = 100;

const HELP_AFTER = `
Server:
  larder serve            run everything in one process; larder serve --help lists its settings

Exit codes:
  0  done
  1  the server refused, or what was asked for failed (a task, a validation)
  2  the command line or a setting is wrong; nothing was asked
  3  the server cannot be reached, or went away

Examples:
  larder repo create charts --format helm --upstream-url https://charts.example/stable --visibility public
  larder repo validate --upstream-url https://registry.example/
  larder repo index charts
  larder package list charts --filter 'name = "ngi*"'
  larder repo offline --all
  larder verify --all --heal
  larder repo list --json | jq -r '.repositories[].name'
  larder repo credential charts --username ci --password-file - < secret
`;

/** The commands of `larder`, and the session that they run in. */
export function createProgram(terminal: Terminal, version: string): { program: Command; session: Session } {
  const program = new Command("larder");
  const session = createSession(() => program.opts<GlobalOptions>(), terminal);
  program
    .description("Larder mirrors package registries. These commands administer a server that runs.")
    .usage("[options] <command>")
    .version(version)
    .option("--server-url <url>", `${plain(KEY_RULES.serverUrl.meaning)} (default: ${KEY_RULES.serverUrl.defaultText})`)
    .option("--token-file <path>", "file with the token to send (default: LARDER_TOKEN, else <data>/admin-token)")
    .option("--data-dir <path>", `the server's data folder (default: ${KEY_RULES.dataDir.defaultText})`)
    .option("--config <path>", `the YAML file (default: ${KEY_RULES.config.defaultText})`)
    .option("--json", "one JSON document instead of text; a stream is one document a line")
    .addHelpText("after", HELP_AFTER)
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void terminal.output.write(text),
      writeErr: (text) => void terminal.errors.write(text),
      getOutHelpWidth: () => widthOf(terminal.output) ?? HELP_WIDTH,
      getErrHelpWidth: () => widthOf(terminal.errors) ?? HELP_WIDTH,
      getOutHasColors: () => terminal.output.isTTY === true,
      getErrHasColors: () => terminal.errors.isTTY === true,
    })
    .showHelpAfterError("(add --help for what it takes)")
    .exitOverride();
  addRepositoryCommands(program, session);
  addPackageCommands(program, session);
  addTaskCommands(program, session);
  addEntryCommands(program, session);
  addPurgeCommand(program, session);
  addVerifyCommand(program, session);
  addStatsCommand(program, session);
  addSnippetCommand(program, session);
  return { program, session };
}

function plain(meaning: string): string {
  return meaning.replace(/^command line: /, "");
}
