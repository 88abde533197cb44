import type { PathBehaviour } from "../fixtures/behaviour.ts";
import type { FixtureUpstream } from "../fixtures/fixture-upstream.ts";
import type { CommandResult } from "../services/command.ts";
import type { ToolName } from "../services/tools.ts";
import type { ClientHome, WhenDone } from "./client-home.ts";
import type { RepositorySetting } from "./larder.ts";

/** One package manager, as every scenario drives it. Commands answer with what they left behind: look at `code`. */
export interface PackageClient {
  /** As the format's snippets name it. */
  readonly name: string;
  readonly tools: readonly ToolName[];
  startUpstream(): Promise<ClientUpstream>;
  /** A new machine with empty caches, and a project that wants the tree. */
  newHome(url: string, whenDone?: WhenDone): Promise<ClientHome>;
  /** Uses the repository at `url` as Larder's own snippet says, and installs the tree. */
  install(home: ClientHome, url: string): Promise<CommandResult>;
  /** What `install` brings, as `installed` tells it. */
  readonly tree: readonly string[];
  /** What the installed code says of itself when it runs. */
  installed(home: ClientHome): Promise<readonly string[]>;
  /** Installs the newest version of one package that depends on nothing. */
  add(home: ClientHome, url: string, name: string): Promise<CommandResult>;
  /** Version of a package that `add` has installed; undefined when it is not there. */
  versionOf(home: ClientHome, name: string): Promise<string | undefined>;
  /** Installation from a lock file that was written at the first one. */
  readonly lock: LockFile;
  /** What it prints when Larder refuses its first document: Larder's own words, where it shows them. Absent: nothing worth a test. */
  readonly refusal?: RegExp;
}

/** What holds an installation to the bytes of an earlier one. */
export interface LockFile {
  readonly file: string;
  /** Makes it after `install`, where `install` does not. */
  write?(home: ClientHome, url: string): Promise<void>;
  /** Matches once for each digest in it. */
  readonly integrity: RegExp;
  /** How many digests it has at least. */
  readonly count: number;
  /** Installs what it says, or fails. */
  install(home: ClientHome, url: string): Promise<CommandResult>;
}

/** A fixture registry, with the few things that scenarios do to any of them. */
export interface ClientUpstream {
  /** How a repository names it. */
  readonly settings: Pick<RepositorySetting, "format" | "upstreamUrl" | "fileOrigins">;
  /** All hosts of it. */
  readonly servers: readonly FixtureUpstream[];
  /** Adds a version of a package without dependencies. */
  publish(name: string, version: string): void;
  /** How the files of a package are sent from now on. */
  behaveForFiles(name: string, behaviour: PathBehaviour): void;
  stop(): Promise<void>;
}

/** Requests to any of its hosts, as `METHOD path`. */
export function requestsOf({ servers }: ClientUpstream): string[] {
  return servers.flatMap(({ requests }) => requests.map(({ method, path }) => `${method} ${path}`));
}

export function forgetRequests({ servers }: ClientUpstream): void {
  for (const server of servers) server.clearRequests();
}

/** Sets the behaviour of all its hosts. */
export async function behaveEverywhere(
  { servers }: ClientUpstream,
  behaviour: Parameters<FixtureUpstream["behave"]>[0],
): Promise<void> {
  await Promise.all(servers.map((server) => server.behave(behaviour)));
}
