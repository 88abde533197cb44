import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBinary } from "./find-binary.ts";
import { freePort } from "./free-port.ts";
import { type ServerProcess, startServerProcess } from "./server-process.ts";

/** A throw-away nats-server with JetStream. */
export interface NatsServer {
  /** nats://127.0.0.1:PORT; stays the same over a restart. */
  readonly url: string;
  /** Ends the server and removes its store. */
  stop(): Promise<void>;
  /** SIGKILL; the store stays as it is. */
  kill(): Promise<void>;
  /** Starts it again on the same port and store, stopping it first when it runs. */
  restart(): Promise<void>;
}

/** URL of the run's nats-server, from LARDER_TEST_NATS_URL, which `npm test` sets. Throws when unset: broker tests never skip. */
export function natsUrl(): string {
  const url = process.env.LARDER_TEST_NATS_URL;
  if (!url) throw new Error("this test needs nats-server: run it through npm test, or set LARDER_TEST_NATS_URL");
  return url;
}

/** Starts a nats-server with a store and a port of its own, ready for JetStream calls. Throws when the machine has none. */
export async function startNatsServer(): Promise<NatsServer> {
  const folder = await mkdtemp(join(tmpdir(), "larder-nats-"));
  const port = await freePort();
  let server = await launch(folder, port).catch(async (error: unknown) => {
    await rm(folder, { recursive: true, force: true });
    throw error;
  });
  return {
    url: `nats://127.0.0.1:${port}`,
    kill: () => server.kill(),
    restart: async () => {
      await server.stop();
      server = await launch(folder, port);
    },
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function launch(folder: string, port: number): Promise<ServerProcess> {
  const file = findBinary("nats-server");
  if (file === undefined)
    throw new Error("nats-server is not on the PATH: install nats-server, or set LARDER_TEST_NATS_URL");
  return startServerProcess({
    file,
    args: ["-js", "-sd", folder, "-a", "127.0.0.1", "-p", String(port)],
    logFile: join(folder, "log"),
    isReady: () => greets(port),
  });
}

/** Whether the server sends its INFO line; it does so only once JetStream has read its store. */
function greets(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: "127.0.0.1" });
    const answer = (ready: boolean) => {
      socket.destroy();
      resolve(ready);
    };
    socket.once("error", () => answer(false)).once("close", () => answer(false));
    socket.once("data", (data) => answer(data.toString("utf8").startsWith("INFO ")));
  });
}
