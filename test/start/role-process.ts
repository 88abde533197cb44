import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { cleanEnvironment } from "../services/clean-environment.ts";

const COMMANDS = resolve(import.meta.dirname, "../../cmd");

/** One Larder process as its supervisor sees it. */
export interface RoleProcess {
  /** What it has written so far, and its standard error alone. */
  output(): string;
  errors(): string;
  /** `http`, `grpc` or `admin` of the ready line, as a URL. Rejects when the process ends without one. */
  url(name: string): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  /** Exit code; null when a signal ended it. */
  readonly ended: Promise<number | null>;
}

/** A folder for one test, which the system clears. */
export function testFolder(): string {
  return mkdtempSync(join(tmpdir(), "larder-role-"));
}

/** Starts `cmd/<role>/main.ts` on free ports and with nothing adopted, its data in `folder`. */
export function startRoleProcess(
  folder: string,
  settings: Readonly<Record<string, string>> = {},
  role = "larder",
): RoleProcess {
  const environment = cleanEnvironment(folder, {
    LARDER_ADOPT: "off",
    LARDER_DATA_DIR: join(folder, "data"),
    LARDER_HTTP_ADDRESS: "127.0.0.1:0",
    LARDER_GRPC_ADDRESS: "127.0.0.1:0",
    LARDER_ADMIN_ADDRESS: "127.0.0.1:0",
    ...settings,
  });
  const child = spawn(process.execPath, [join(COMMANDS, role, "main.ts")].concat(role === "larder" ? "serve" : []), {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const killAtExit = () => child.kill("SIGKILL");
  process.once("exit", killAtExit);
  let output = "";
  let errors = "";
  const { promise: ready, resolve: isReady, reject: isNotReady } = Promise.withResolvers<string>();
  ready.catch(() => undefined);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    const line = /^larder ready .*$/m.exec(output)?.[0];
    if (line) isReady(line);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    errors += text;
  });
  const ended = new Promise<number | null>((end) => {
    child.once("close", (code) => {
      process.removeListener("exit", killAtExit);
      isNotReady(new Error(`${role} ended with ${code}:\n${output}`));
      end(code);
    });
  });
  return {
    output: () => output,
    errors: () => errors,
    url: async (name) => `http://${new RegExp(`\\b${name}=(\\S+)`).exec(await ready)?.[1]}`,
    signal: (signal) => void child.kill(signal),
    ended,
  };
}
