import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startServerProcess } from "../services/server-process.ts";

const POLL_MS = 50;
const ROOT = resolve(import.meta.dirname, "../..");

/** `npm start` as a user does it, with adoption, on a data folder of its own. */
export interface LiveLarder {
  /** What it printed of each adopted upstream. */
  readonly adopted: readonly string[];
  /** Base URL of an adopted repository, ends in "/"; undefined: nothing was adopted for it. */
  repositoryUrl(id: string): string | undefined;
  /** Requests to all upstreams since the start. */
  upstreamRequests(): Promise<number>;
  /** From now on nothing goes out, for any repository. */
  goOffline(): Promise<void>;
  stop(): Promise<void>;
}

export async function startLiveLarder(): Promise<LiveLarder> {
  const folder = await mkdtemp(join(tmpdir(), "larder-live-"));
  const dataDir = join(folder, "data");
  const logFile = join(folder, "larder.log");
  const printed = () => readFile(logFile, "utf8");
  const server = await startServerProcess({
    file: "npm",
    args: ["--prefix", ROOT, "start"],
    logFile,
    environment: {
      ...process.env,
      LARDER_DATA_DIR: dataDir,
      LARDER_HTTP_ADDRESS: "127.0.0.1:0",
      LARDER_GRPC_ADDRESS: "127.0.0.1:0",
      LARDER_ADMIN_ADDRESS: "127.0.0.1:0",
    },
    isReady: async () => /^larder ready .*\n/m.test(await printed()),
  });
  const killGroup = () => signalGroup(server.pid, "SIGKILL");
  process.once("exit", killGroup);
  const text = await printed();
  const addressOf = (name: string) => new RegExp(`^larder ready .*\\b${name}=(\\S+)`, "m").exec(text)?.[1];
  const token = (await readFile(join(dataDir, "admin-token"), "utf8")).trim();
  const call = (method: string, request: object) =>
    callMirror(`http://${addressOf("grpc")}/larder.v1.MirrorService/${method}`, token, request);

  const adopted = text.match(/^adopted .*$/gm) ?? [];
  return {
    adopted,
    repositoryUrl: (id) =>
      adopted.some((line) => line.startsWith(`adopted ${id}: `)) ? `http://${addressOf("http")}/${id}/` : undefined,
    upstreamRequests: async () => {
      const { upstreams = [] } = (await call("GetMirrorStats", {})) as MirrorStatsJson;
      return upstreams.reduce((sum, { requests = 0 }) => sum + Number(requests), 0);
    },
    goOffline: async () => {
      await call("SetUpstreamMode", { name: "repositories/-", upstreamMode: "UPSTREAM_MODE_OFFLINE" });
    },
    stop: async () => {
      process.off("exit", killGroup);
      await stopGroup(server.pid);
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** npm does not pass a signal on to the process that its script started: the group has all of them, and nothing else. */
async function stopGroup(pid: number): Promise<void> {
  signalGroup(pid, "SIGTERM");
  while (signalGroup(pid, 0)) await sleep(POLL_MS);
}

/** Whether there was anybody in the group. */
function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
}

/** Of larder.v1.MirrorStats, as Connect JSON writes it: numbers of 64 bits are text, and 0 is left out. */
interface MirrorStatsJson {
  readonly upstreams?: readonly { readonly requests?: string }[];
}

async function callMirror(url: string, token: string, request: object): Promise<unknown> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}
