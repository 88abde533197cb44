/** A repository as larder.yaml lists it (contract.md, Configuration). */
export interface RepositorySetting {
  readonly id: string;
  readonly format: string;
  readonly upstreamUrl: string;
  /** Origins where the upstream keeps its files, when they are not its own. */
  readonly fileOrigins?: readonly string[];
  /** Default an hour: what is fetched stays fresh for the whole test. */
  readonly metadataTtl?: string;
  readonly upstreamMode?: "ONLINE" | "OFFLINE";
  /** Default PUBLIC. */
  readonly visibility?: "PUBLIC" | "PRIVATE";
}

/** What a Larder is started with. */
export interface LarderOptions {
  readonly repositories: readonly RepositorySetting[];
  /** Further LARDER_ variables. */
  readonly environment?: Readonly<Record<string, string>>;
  /** A Larder in one process that was killed: its folder is taken over. */
  readonly after?: RunningLarder;
}

export type ServiceName = "RepoManager" | "RepoIndexer" | "MirrorService";

/** A running Larder, in one process or in several. */
export interface RunningLarder {
  /** The gateway, without a trailing slash. */
  readonly httpUrl: string;
  /** RepoManager's port, without a trailing slash; in one process it is everybody's. */
  readonly grpcUrl: string;
  /** Where each service answers. */
  readonly services: Readonly<Record<ServiceName, string>>;
  readonly adminUrl: string;
  /** The administrator's. */
  readonly token: string;
  readonly dataDir: string;
  /** What it has written so far. */
  log(): Promise<string>;
  /** SIGTERM; then its folders are removed. */
  stop(): Promise<void>;
  /** SIGKILL; its folders stay as they are. */
  kill(): Promise<void>;
}

/** Starts a Larder in one of its shapes. */
export type StartLarder = (options: LarderOptions) => Promise<RunningLarder>;

/** Base URL of a repository, as clients and snippets are given it: ends in "/". */
export function repositoryUrl({ httpUrl }: RunningLarder, id: string): string {
  // A client that is given no host asks a public one.
  if (!/^http:\/\/127\.0\.0\.1:\d+$/.test(httpUrl)) throw new Error(`"${httpUrl}" is not the URL of a gateway`);
  return `${httpUrl}/${id}/`;
}

/** Lines of its log that tell of what should not happen. An upstream's failures are warnings. */
export async function errorsOf(larder: RunningLarder): Promise<string[]> {
  const lines = (await larder.log()).split("\n");
  return lines.filter((line) => /^\{"level":"(?:error|fatal)"/.test(line) || / at .*\(?file:\/\//.test(line));
}

/** Calls a method by Connect JSON as the administrator; throws with the answer when it fails. */
export async function callService(
  { services, token }: RunningLarder,
  service: ServiceName,
  method: string,
  request: object,
): Promise<unknown> {
  const response = await fetch(`${services[service]}/larder.v1.${service}/${method}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${service}/${method} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

/** larder.yaml with these repositories. JSON is YAML. */
export function repositoriesFile(repositories: readonly RepositorySetting[]): string {
  const defaults = { visibility: "PUBLIC", metadataTtl: "1h" };
  return JSON.stringify({ repositories: repositories.map((repository) => ({ ...defaults, ...repository })) });
}
