import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type RepositorySetting, repositoriesFile } from "../clients/larder.ts";
import { cleanEnvironment } from "../services/clean-environment.ts";
import { startServerProcess } from "../services/server-process.ts";
import { type HelperProcess, startHelper } from "./helper-process.ts";
import type { TrivialCommands } from "./trivial-process.ts";
import type { UpstreamCommands } from "./upstream-process.ts";

const LARDER = resolve(import.meta.dirname, "../../cmd/larder/main.ts");

/** A server that is measured. */
export interface MeasuredServer {
  readonly pid: number;
  /** Without a trailing slash. */
  readonly url: string;
}

export interface LarderProcess extends MeasuredServer {
  readonly adminUrl: string;
  /** From the start of the process to its ready line. */
  readonly readyAfterMs: number;
  stop(): Promise<void>;
}

export type UpstreamProcess = MeasuredServer & HelperProcess<UpstreamCommands>;
export type TrivialProcess = MeasuredServer & HelperProcess<TrivialCommands>;

/** Everything that runs besides the bench itself. */
export interface BenchProcesses {
  readonly upstream: UpstreamProcess;
  readonly trivial: TrivialProcess;
  /** Mirrors `upstream` as repository `npm`, whose documents stay fresh. */
  readonly larder: LarderProcess;
}

/** @param profileFolder where Larder's CPU profile is written when it stops; absent: none is made. */
export async function startProcesses(profileFolder?: string): Promise<BenchProcesses & { stop(): Promise<void> }> {
  const upstream = await startUpstream();
  const trivial = await startTrivial();
  const larder = await startLarder(upstream, {}, profileFolder);
  const stop = async () => {
    await larder.stop();
    await Promise.all([trivial.stop(), upstream.stop()]);
  };
  return { upstream, trivial, larder, stop };
}

export async function startUpstream(): Promise<UpstreamProcess> {
  const helper = await startHelper<UpstreamCommands>(join(import.meta.dirname, "upstream-process.ts"));
  return { ...helper, url: await helper.tell("listen") };
}

export async function startTrivial(): Promise<TrivialProcess> {
  const helper = await startHelper<TrivialCommands>(join(import.meta.dirname, "trivial-process.ts"));
  return { ...helper, url: await helper.tell("listen") };
}

/** A Larder with an empty cache that mirrors the upstream as `npm`. */
export async function startLarder(
  upstream: MeasuredServer,
  setting: Partial<RepositorySetting> = {},
  profileFolder?: string,
): Promise<LarderProcess> {
  const folder = await mkdtemp(join(tmpdir(), "larder-bench-"));
  const logFile = join(folder, "larder.log");
  const configuration = join(folder, "larder.yaml");
  await writeFile(
    configuration,
    repositoriesFile([{ id: "npm", format: "npm", upstreamUrl: `${upstream.url}/`, ...setting }]),
  );
  const readyLine = async () => /^larder ready .*\n/m.exec(await readFile(logFile, "utf8"))?.[0];

  const startMs = performance.now();
  const { pid, stop } = await startServerProcess({
    file: process.execPath,
    args: [...profiling(profileFolder), LARDER, "serve", "--config", configuration],
    logFile,
    environment: larderEnvironment(folder),
    isReady: async () => (await readyLine()) !== undefined,
  });
  const readyAfterMs = performance.now() - startMs;
  const line = await readyLine();
  const urlOf = (name: string) => `http://${new RegExp(`\\b${name}=(\\S+)`).exec(line ?? "")?.[1]}`;
  return {
    ...{ pid, readyAfterMs, url: urlOf("http"), adminUrl: urlOf("admin") },
    stop: async () => {
      await stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function profiling(folder: string | undefined): string[] {
  return folder === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${resolve(folder)}`];
}

function larderEnvironment(folder: string): NodeJS.ProcessEnv {
  return cleanEnvironment(folder, {
    LARDER_DATA_DIR: join(folder, "data"),
    LARDER_HTTP_ADDRESS: "127.0.0.1:0",
    LARDER_GRPC_ADDRESS: "127.0.0.1:0",
    LARDER_ADMIN_ADDRESS: "127.0.0.1:0",
    LARDER_UPSTREAM_ALLOW: "127.0.0.0/8",
    LARDER_ADOPT: "off",
  });
}
