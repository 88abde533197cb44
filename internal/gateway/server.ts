import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface GatewayServer {
  /** host:port that it listens on. */
  readonly address: string;
  /** Takes no new connection; resolves when the requests under way have ended, or were cut after `drainMs`. */
  close(drainMs: number): Promise<void>;
}

const LIMITS = {
  maxHeaderSize: 16 * 1024,
  /** Slowloris: headers must be there by then. */
  headersTimeout: 10_000,
  /** The whole request, body included; answers may take as long as they move. */
  requestTimeout: 60_000,
  keepAliveTimeout: 65_000,
  connectionsCheckingInterval: 5_000,
} as const;
/** A connection on which nothing moves for so long is cut: a slow reader holds a descriptor. */
const STALL_MS = 120_000;
const SWEEP_MS = 100;

/** @param address host and port; port 0 takes a free one. */
export async function startGatewayServer(
  address: { readonly host: string; readonly port: number },
  listener: RequestListener,
): Promise<GatewayServer> {
  const server = createServer(LIMITS, listener);
  server.setTimeout(STALL_MS);
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.port, address.host, resolve);
  });
  const bound = server.address() as AddressInfo;
  const host = bound.family === "IPv6" ? `[${bound.address}]` : bound.address;
  return { address: `${host}:${bound.port}`, close: (drainMs) => close(server, sockets, drainMs) };
}

function close(server: Server, sockets: ReadonlySet<Socket>, drainMs: number): Promise<void> {
  const leaveIdle = (): void => {
    // A connection whose last answer has ended waits for another request, which shall not come.
    server.closeIdleConnections();
    // Of those that have said nothing, a browser's preconnect, the server does not know yet.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
  };
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), drainMs);
    const sweep = setInterval(leaveIdle, SWEEP_MS);
    server.close(() => {
      clearTimeout(cut);
      clearInterval(sweep);
      resolve();
    });
    leaveIdle();
  });
}
