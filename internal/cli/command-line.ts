import { CommanderError } from "commander";
import { EXIT_FAILED, EXIT_OK, EXIT_USAGE } from "./exit-codes.ts";
import { toFailure } from "./failure.ts";
import { createProgram } from "./program.ts";
import { reportFailure } from "./report-failure.ts";
import { processTerminal, type Terminal } from "./terminal.ts";

/**
 * Runs one command of `larder` for the process that it is called in, and sets its exit code.
 * @param argv the words after `larder`
 */
export async function runCommandLine(argv: readonly string[], version: string): Promise<void> {
  process.stdout.on("error", endWithReader);
  process.exitCode = await runCommand(argv, version, processTerminal);
}

/** Runs one command on a terminal. The exit code, as `larder --help` explains it. */
export async function runCommand(argv: readonly string[], version: string, terminal: Terminal): Promise<number> {
  const { program, session } = createProgram(terminal, version);
  try {
    await program.parseAsync(argv, { from: "user" });
    return session.failed ? EXIT_FAILED : EXIT_OK;
  } catch (error) {
    // The parser has said what is wrong, or has printed the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_OK : EXIT_USAGE;
    const failure = toFailure(error);
    reportFailure(terminal, failure, program.opts().json === true);
    return failure.exitCode;
  }
}

/** `larder repo list | head`: whoever reads has enough. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
  process.exit(EXIT_OK);
}
