import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { cleanEnvironment } from "../services/clean-environment.ts";
import { type CommandResult, mustRun, runCommand } from "../services/command.ts";
import { requireTool, type ToolName } from "../services/tools.ts";

/** A user's machine: its own home and empty caches, the tools by their everyday names, and one project folder. */
export interface ClientHome {
  /** The project: where commands run. */
  readonly project: string;
  /** A folder of the home beside the project; it need not be there. */
  path(...names: string[]): string;
  /** Runs a tool in the project; look at `code`. */
  run(command: string, ...args: string[]): Promise<CommandResult>;
  /** As `run`, for a command that has to succeed; its standard output. */
  mustRun(command: string, ...args: string[]): Promise<string>;
  /** Runs lines as they would be pasted into a terminal, up to the first that fails. */
  paste(text: string): Promise<CommandResult>;
  /** Writes a file of the project; what is not text as JSON. */
  write(name: string, content: unknown): Promise<void>;
  read(name: string): Promise<string>;
}

/** Is handed the removal of what was made. */
export type WhenDone = (remove: () => Promise<void>) => void;

/**
 * A new machine that knows nothing of this one. It is removed at the end of the test; one that is made in a hook names another
 * `whenDone`.
 */
export async function createClientHome(
  tools: readonly ToolName[],
  environment: Readonly<Record<string, string>> = {},
  whenDone: WhenDone = onTestFinished,
): Promise<ClientHome> {
  const home = await mkdtemp(join(tmpdir(), "larder-client-"));
  whenDone(() => rm(home, { recursive: true, force: true }));
  const project = join(home, "project");
  const bin = join(home, "bin");
  await Promise.all([mkdir(project), mkdir(bin)]);
  await Promise.all(tools.map((tool) => callable(tool, bin)));
  const clean = cleanEnvironment(home, environment);
  const options = { folder: project, environment: { ...clean, PATH: `${bin}:${clean.PATH}` } };
  return {
    project,
    path: (...names) => join(home, ...names),
    run: (command, ...args) => runCommand(command, args, options),
    mustRun: (command, ...args) => mustRun(command, args, options),
    paste: (text) => runCommand("bash", ["--norc", "-ec", text], options),
    write: (name, content) =>
      writeFile(join(project, name), typeof content === "string" ? content : JSON.stringify(content, null, 2)),
    read: (name) => readFile(join(project, name), "utf8"),
  };
}

/** Standard output of a command that has to have succeeded; throws with all of its output when it has not. */
export function succeeded({ code, stdout, output }: CommandResult): string {
  if (code !== 0) throw new Error(`the command ended with ${code}:\n${output.trim().slice(-4000)}`);
  return stdout;
}

/** Both yarns are called yarn; and a link would take a Python out of its environment. */
function callable(tool: ToolName, bin: string): Promise<void> {
  const script = `#!/bin/sh\nexec "${requireTool(tool)}" "$@"\n`;
  return writeFile(join(bin, tool.replace(/\d$/, "")), script, { mode: 0o755 });
}
