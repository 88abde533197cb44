import { spawn } from "node:child_process";

/** How a command is run; everything that is absent is inherited. */
export interface CommandOptions {
  readonly environment?: NodeJS.ProcessEnv;
  readonly folder?: string;
  /** Text for the command's standard input; absent: it is empty. */
  readonly input?: string;
  /** Ends the command with SIGTERM. */
  readonly signal?: AbortSignal;
}

/** What a command left behind. */
export interface CommandResult {
  /** Exit code; 127 when the file cannot be started, 128 when a signal ended it. */
  readonly code: number;
  readonly stdout: string;
  /** Standard output and standard error in the order in which they arrived. */
  readonly output: string;
}

/** Runs a file without a shell and keeps its output. Never throws for a command that fails: look at `code`. */
export function runCommand(
  file: string,
  args: readonly string[],
  options: CommandOptions = {},
): Promise<CommandResult> {
  const child = spawn(file, args, { env: options.environment, cwd: options.folder, signal: options.signal });
  let stdout = "";
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  // A command that ends before it has read its input is told by its exit code.
  child.stdin.on("error", () => undefined).end(options.input ?? "");
  return new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: 127, stdout, output: `${output}${error.message}` }));
    child.once("close", (code) => resolve({ code: code ?? 128, stdout, output }));
  });
}

/** As `runCommand`, for a command that has to succeed: throws with its output, else returns its standard output. */
export async function mustRun(file: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, output } = await runCommand(file, args, options);
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${code}:\n${output.trim().slice(-4000)}`);
  return stdout;
}
