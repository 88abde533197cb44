import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { cleanEnvironment } from "../services/clean-environment.ts";
import { startServerProcess } from "../services/server-process.ts";

const COMMANDS = resolve(import.meta.dirname, "../../cmd");

/** One process to start. */
export interface RoleCommand {
  /** Folder below cmd/. */
  readonly role: "larder" | "gateway" | "mirror" | "repo-manager" | "repo-indexer";
  readonly args: readonly string[];
  /** Its home, and where its log is. */
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A process that has said that it is ready. */
export interface RunningRole {
  readonly logFile: string;
  /** Where it answers, from its ready line; throws when it does not serve that. */
  url(name: "http" | "grpc" | "admin"): string;
  stop(): Promise<void>;
  kill(): Promise<void>;
}

/** What every Larder of these tests is told: upstreams on loopback are allowed, nothing of this machine is adopted. */
const COMMON = {
  LARDER_UPSTREAM_ALLOW: "127.0.0.0/8",
  LARDER_ADOPT: "off",
  LARDER_ADMIN_ADDRESS: "127.0.0.1:0",
  // Dozens of processes of the same code: only the first one compiles it.
  NODE_COMPILE_CACHE: join(tmpdir(), "node-compile-cache"),
};

/** Starts `node cmd/<role>/main.ts` and waits for `larder ready …`. Throws with the end of its output when that does not come. */
export async function startRole({ role, args, folder, environment }: RoleCommand): Promise<RunningRole> {
  const logFile = join(folder, `${role}.log`);
  // One that was killed here has left its own ready line.
  await rm(logFile, { force: true });
  const { pid: _pid, ...server } = await startServerProcess({
    file: process.execPath,
    args: [join(COMMANDS, role, "main.ts"), ...args],
    environment: cleanEnvironment(folder, { ...COMMON, ...environment }),
    logFile,
    isReady: async () => (await readyLine(logFile)) !== undefined,
  });
  const line = (await readyLine(logFile)) ?? "";
  return {
    ...server,
    logFile,
    url(name) {
      const address = new RegExp(`\\b${name}=(\\S+)`).exec(line)?.[1];
      if (!address) throw new Error(`${role} is ready without ${name}: ${line}`);
      return `http://${address}`;
    },
  };
}

async function readyLine(logFile: string): Promise<string | undefined> {
  return /^larder ready .*\n/m.exec(await readFile(logFile, "utf8"))?.[0];
}
