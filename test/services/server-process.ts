import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** A server to start: what to run, where its output goes, how to see that it answers. */
export interface ServerCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly logFile: string;
  /** Absent: that of this process. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Asked again until true. */
  isReady(): Promise<boolean>;
}

/** A started server; it ends with the process that started it at the latest. */
export interface ServerProcess {
  readonly pid: number;
  /** SIGTERM, then SIGKILL for a server that stays; resolves when the process is gone. */
  stop(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 20_000;
const POLL_MS = 25;

/** Starts the server and waits until it is ready. Throws with the end of its log when it ends or is silent for a minute. */
export async function startServerProcess(command: ServerCommand): Promise<ServerProcess> {
  const server = launch(command);
  const deadlineMs = Date.now() + START_LIMIT_MS;
  while (!(await command.isReady())) {
    if (server.hasExited() || Date.now() > deadlineMs) {
      await server.kill();
      const log = readFileSync(command.logFile, "utf8").trim().slice(-4000);
      throw new Error(`${basename(command.file)} did not start; the end of its log:\n${log}`);
    }
    await sleep(POLL_MS);
  }
  return server;
}

function launch({ file, args, logFile, environment }: ServerCommand): ServerProcess & { hasExited(): boolean } {
  const log = openSync(logFile, "a");
  // Its own process group: Ctrl-C reaches the runner, which then stops the servers in order.
  const child = spawn(file, args, { stdio: ["ignore", log, log], env: environment, detached: true });
  closeSync(log);

  let exited = false;
  killAtTheEnd(child);
  const gone = new Promise<void>((resolve) => {
    const settle = () => {
      exited = true;
      living.delete(child);
      resolve();
    };
    child.once("error", settle).once("exit", settle);
  });

  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await gone;
  };
  return {
    pid: child.pid ?? 0,
    hasExited: () => exited,
    kill: () => end("SIGKILL"),
    stop: async () => {
      const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await end("SIGTERM");
      clearTimeout(timer);
    },
  };
}

const living = new Set<ChildProcess>();
let isListening = false;

/** Kills the child when this process ends before it, be it by a signal: vitest ends its workers by one. */
function killAtTheEnd(child: ChildProcess): void {
  living.add(child);
  if (isListening) return;
  isListening = true;
  const killAll = () => {
    for (const child of living) child.kill("SIGKILL");
  };
  process.once("exit", killAll);
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    // Whoever listens already stops what it has started, in order.
    if (process.listenerCount(signal) > 0) continue;
    process.once(signal, () => {
      killAll();
      process.kill(process.pid, signal);
    });
  }
}
