import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Configuration, readConfiguration } from "#internal/config/configuration.ts";
import type { MirrorClient, RepoIndexerClient, RepoManagerClient } from "#internal/rpc/client/clients.ts";
import { connectServices } from "./connect-services.ts";
import { createOutput, type Output } from "./output.ts";
import type { Terminal } from "./terminal.ts";

/** Options that every command takes. All but `json` are settings of config/. */
export interface GlobalOptions {
  readonly serverUrl?: string;
  readonly tokenFile?: string;
  readonly config?: string;
  readonly dataDir?: string;
  readonly json?: true;
}

/**
 * One run of the command line. Settings are read, and connections are opened, when a command first asks for them. Idle connections do
 * not keep the process.
 */
export interface Session {
  readonly terminal: Terminal;
  readonly output: Output;
  readonly repoManager: RepoManagerClient;
  readonly repoIndexer: RepoIndexerClient;
  readonly mirror: MirrorClient;
  /**
   * @param flags settings that only one command takes, over the global ones
   * @throws Fault ARGUMENT_INVALID
   */
  configuration(flags?: Readonly<Record<string, string | undefined>>): Configuration;
  /** The command did what it could and yet ends with exit code 1. */
  fail(): void;
  readonly failed: boolean;
}

/** @param globals what the parser found; asked after it has parsed */
export function createSession(globals: () => GlobalOptions, terminal: Terminal): Session {
  const configuration: Session["configuration"] = (flags = {}) => {
    const { json: _, ...settings } = globals();
    return readConfiguration({ flags: { ...settings, ...flags }, environment: terminal.environment });
  };
  const services = connectServices(() => {
    const settings = configuration();
    return { settings, token: tokenOf(settings), isUrlGiven: globals().serverUrl !== undefined };
  });
  let output: Output | undefined;
  let failed = false;
  return {
    terminal,
    configuration,
    get output() {
      output ??= createOutput(terminal, globals().json === true);
      return output;
    },
    get repoManager() {
      return services.at("repoManagerUrl").repoManager;
    },
    get repoIndexer() {
      return services.at("repoIndexerUrl").repoIndexer;
    },
    get mirror() {
      return services.at("mirrorUrl").mirror;
    },
    fail: () => {
      failed = true;
    },
    get failed() {
      return failed;
    },
  };
}

/** As set; else the administrator's, as a server with the same settings or the same data folder has it; else nobody's. */
function tokenOf({ token, adminToken, dataDir }: Configuration): string | undefined {
  return token ?? adminToken ?? readToken(join(dataDir, "admin-token"));
}

function readToken(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8").trim() || undefined;
  } catch {
    // Not there, or another user's: the server says that a token is wanted.
    return undefined;
  }
}
