import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { PeerRequest } from "./test-peer.ts";

/** Another process that has the cache in `directory` open, and does what it is asked. */
export interface Peer {
  /** What the peer answers: a body, whether it did it, null when there is nothing. */
  ask(request: PeerRequest): Promise<unknown>;
}

export async function startPeer(directory: string): Promise<Peer> {
  const child = startProcess(directory, "reader");
  await once(child, "message");
  return {
    async ask(request) {
      const answered = once(child, "message");
      child.send(request);
      const [found] = await answered;
      return found;
    },
  };
}

/** Lets an owner write until it has acknowledged `count` keys, and kills it in the middle of the next. Resolves to the acknowledged keys. */
export async function writeUntilKilled(directory: string, count: number, maxBytes?: number): Promise<string[]> {
  const child = startProcess(directory, "writer", ...(maxBytes === undefined ? [] : [String(maxBytes)]));
  const acknowledged: string[] = [];
  child.on("message", (key) => {
    acknowledged.push(String(key));
    if (acknowledged.length === count) child.kill("SIGKILL");
  });
  await once(child, "exit");
  return acknowledged;
}

function startProcess(...args: string[]): ChildProcess {
  const child = fork(fileURLToPath(new URL("./test-peer.ts", import.meta.url)), args, { execArgv: [] });
  onTestFinished(() => void child.kill("SIGKILL"));
  return child;
}
