import { readFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";

/** What a test upstream does with the `count`th request (from 1) of the server; `head` is the request up to its empty line. */
export type Behaviour = (socket: Socket, head: string, count: number) => void;

/** An upstream for tests that speaks raw bytes, so that it can break every rule of HTTP. */
export interface HostileServer {
  /** Ends in "/". */
  readonly url: string;
  readonly port: number;
  /** Request heads in the order of their arrival. */
  readonly heads: readonly string[];
  connections(): number;
  close(): Promise<void>;
}

export interface HostileServerOptions {
  readonly host?: string;
  /** Serves https with this certificate of testdata/. */
  readonly certificate?: "server" | "expired";
}

export async function startHostileServer(
  behave: Behaviour,
  options: HostileServerOptions = {},
): Promise<HostileServer> {
  const heads: string[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const accept = (socket: Socket) => {
    connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => undefined);
    let received = "";
    socket.on("data", (chunk) => {
      received += chunk.toString("latin1");
      for (let end = received.indexOf("\r\n\r\n"); end >= 0; end = received.indexOf("\r\n\r\n")) {
        const head = received.slice(0, end);
        received = received.slice(end + 4 + contentLength(head));
        heads.push(head);
        behave(socket, head, heads.length);
      }
    });
  };
  const { certificate, host = "127.0.0.1" } = options;
  const server = certificate
    ? createTlsServer({ cert: pem(`${certificate}-certificate`), key: pem(`${certificate}-key`) }, accept)
    : createServer(accept);
  server.on("tlsClientError", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `${certificate ? "https" : "http"}://127.0.0.1:${port}/`,
    port,
    heads,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

/** Writes one whole response with a right Content-Length. */
export function respond(
  socket: Socket,
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body = "",
): void {
  const lines = Object.entries({ ...headers, "content-length": String(Buffer.byteLength(body)) }).map(
    ([name, value]) => `${name}: ${value}\r\n`,
  );
  socket.write(`HTTP/1.1 ${status} x\r\n${lines.join("")}\r\n${body}`);
}

/** PEM text of a file of testdata/. */
export function pem(name: string): string {
  return readFileSync(new URL(`testdata/${name}.pem`, import.meta.url), "utf8");
}

function contentLength(head: string): number {
  return Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
}
