import { once } from "node:events";
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from "node:http";
import { connect, type Socket } from "node:net";
import { createAuthenticate } from "#internal/access/access.ts";
import { openTestMirror, type TestMirror } from "#internal/mirror/test-mirror.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { openSnapshot } from "#internal/repository/snapshot.ts";
import { createLogger } from "#internal/telemetry/logger.ts";
import { createMetrics, type Metrics } from "#internal/telemetry/metrics.ts";
import { createGateway } from "./create-gateway.ts";
import { createHotBodies } from "./hot-bodies.ts";
import { type GatewayServer, startGatewayServer } from "./server.ts";

/** A listening gateway before a real mirror. */
export interface TestGateway extends Pick<TestMirror, "advance" | "cache" | "events" | "mirror" | "setCredential"> {
  readonly server: GatewayServer;
  readonly metrics: Metrics;
  /** What was logged. */
  readonly lines: readonly string[];
  /** Sends one request on a connection of its own. @throws Error when the answer breaks off. */
  send(path: string, asked?: Sent): Promise<Answered>;
  /** Sends once to have it kept, and takes the second answer. */
  sendTwice(path: string, asked?: Sent): Promise<Answered>;
  /** The answer's head; its body has not been read. */
  begin(path: string, asked?: Sent): Promise<IncomingMessage>;
  /** A plain connection. */
  dial(): Promise<Socket>;
  /** Writes the bytes as they are and reads until the connection ends. */
  exchange(bytes: string | Buffer): Promise<string>;
  close(): Promise<void>;
}

export interface Sent {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string | Buffer;
}

export interface Answered {
  readonly status: number;
  readonly reasonPhrase: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
  readonly text: string;
}

export const TOKEN = "the-token-of-the-test";

export async function openTestGateway(repositories: readonly Repository[]): Promise<TestGateway> {
  const larder = await openTestMirror();
  const { mirror, cache } = larder;
  const lines: string[] = [];
  const metrics = createMetrics();
  const snapshot = await openSnapshot({
    load: async () => repositories,
    cursor: async () => "",
    pollMs: 3_600_000,
    onError: () => undefined,
  });
  const listener = createGateway({
    ...{ mirror, cache, metrics, repositories: snapshot },
    authenticate: createAuthenticate(TOKEN),
    hotBodies: createHotBodies(1024 * 1024),
    repositoryUrl: ({ id }) => `http://larder.example/${id}/`,
    logger: createLogger({ level: "debug", destination: { write: (line: string) => void lines.push(line) } }),
  });
  const server = await startGatewayServer({ host: "127.0.0.1", port: 0 }, listener);
  const [host, port] = server.address.split(":");

  const begin = async (path: string, { method = "GET", headers = {}, body }: Sent = {}): Promise<IncomingMessage> => {
    const request = httpRequest({ host, port, path, method, headers, agent: false });
    // Rejects the wait below; after the answer it says only that the rest of the body is not wanted.
    request.on("error", () => undefined);
    request.end(body);
    const [response] = (await once(request, "response")) as [IncomingMessage];
    return response;
  };

  const send = async (path: string, asked: Sent = {}): Promise<Answered> => {
    const response = await begin(path, asked);
    const body = Buffer.concat(await response.toArray());
    const { statusCode: status = 0, statusMessage: reasonPhrase = "" } = response;
    const headers = response.headers as Record<string, string | undefined>;
    return { status, reasonPhrase, headers, body, text: body.toString() };
  };

  const dial = async (): Promise<Socket> => {
    const socket = connect(Number(port), host);
    await once(socket, "connect");
    return socket;
  };

  return {
    ...larder,
    ...{ server, metrics, lines, send, begin, dial },
    async sendTwice(path, asked) {
      await send(path, asked);
      return send(path, asked);
    },
    async exchange(bytes) {
      const socket = await dial();
      socket.write(bytes);
      let received = "";
      socket.on("data", (chunk) => {
        received += chunk.toString("latin1");
      });
      // A reset is an end too.
      socket.on("error", () => undefined);
      await once(socket, "close");
      return received;
    },
    async close() {
      snapshot.stop();
      await server.close(0);
      await larder.close();
    },
  };
}
