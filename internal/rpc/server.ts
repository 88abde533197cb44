import { createServer as createHttp1Server, type Server as Http1Server } from "node:http";
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Session } from "node:http2";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { createConnectRouter } from "@connectrpc/connect";
import { compressionBrotli, compressionGzip } from "@connectrpc/connect-node";
import type { Authenticate } from "#internal/access/access.ts";
import type { CallRecorder } from "./call-record.ts";
import { faultInterceptor } from "./fault-interceptor.ts";
import { createHealthService, type Health } from "./health-service.ts";
import * as limits from "./limits.ts";
import { createProtocolSwitch } from "./protocol-switch.ts";
import { createReflectionServices } from "./reflection-service.ts";
import { createRequestGate } from "./request-gate.ts";
import { createRequestListener, type RequestListener } from "./request-listener.ts";
import type { RpcService } from "./rpc-service.ts";

export interface RpcServerOptions extends CallRecorder {
  /** Port 0 takes a free one. */
  readonly address: { readonly host: string; readonly port: number };
  /** What this process serves; health and reflection tell exactly this. */
  readonly services: readonly RpcService[];
  readonly authenticate: Authenticate;
  readonly health: Health;
  /** How long calls under way may go on when the server closes. Default 10 s. */
  readonly drainMs?: number;
}

export interface RpcServer {
  /** Where it listens. */
  readonly address: { readonly host: string; readonly port: number };
  /** Takes no new call, lets those under way end, then resolves. */
  close(): Promise<void>;
}

/** Serves gRPC (HTTP/2 without TLS), gRPC-Web and Connect (HTTP/1.1 and 2) on one port. Rejects when the address is taken. */
export async function startRpcServer(options: RpcServerOptions): Promise<RpcServer> {
  const stopping = new AbortController();
  const listener = createListener(options, stopping.signal);
  const http1 = createHttp1(listener);
  const http2 = createHttp2(listener);
  const sockets = new Set<Socket>();
  const sessions = new Set<ServerHttp2Session>();
  http2.on("session", (session) => track(sessions, session));

  const choose = createProtocolSwitch(http1, http2);
  const server = createServer(
    { noDelay: true, keepAlive: true, keepAliveInitialDelay: limits.KEEP_ALIVE_PROBE_MS },
    (socket) => {
      track(sockets, socket);
      choose(socket);
    },
  );
  server.maxConnections = limits.MAX_CONNECTIONS;
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(options.address.port, options.address.host, resolve);
  });
  // It never listens itself, and checks its time limits only once it does.
  http1.emit("listening");

  const { address: host, port } = server.address() as AddressInfo;
  return {
    address: { host, port },
    async close() {
      server.close();
      stopping.abort();
      for (const session of sessions) session.close();
      await drain(sockets, http1, options.drainMs ?? limits.DRAIN_MS);
      for (const socket of sockets) socket.destroy();
      http1.close();
    },
  };
}

function createListener(options: RpcServerOptions, stopping: AbortSignal): RequestListener {
  const router = createConnectRouter({
    acceptCompression: [compressionGzip, compressionBrotli],
    maxTimeoutMs: limits.MAX_TIMEOUT_MS,
    readMaxBytes: limits.MESSAGE_MAX_BYTES,
    // A flood of fields that nobody knows costs less when nobody keeps them.
    binaryOptions: { readUnknownFields: false },
    interceptors: [faultInterceptor],
    requestGate: createRequestGate(options.authenticate, options),
  });
  const own = [createHealthService(options.services, options.health), ...createReflectionServices(options.services)];
  for (const service of [...options.services, ...own]) service.register(router);
  return createRequestListener(router, stopping, options.logger);
}

function createHttp1(listener: RequestListener): Http1Server {
  return createHttp1Server(
    {
      maxHeaderSize: limits.HEADERS_MAX_BYTES,
      headersTimeout: limits.FIRST_BYTES_TIMEOUT_MS,
      requestTimeout: limits.REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: limits.TIMEOUT_CHECK_MS,
      keepAliveTimeout: limits.KEEP_ALIVE_TIMEOUT_MS,
    },
    listener,
  );
}

function createHttp2(listener: RequestListener): Http2Server {
  return createHttp2Server(
    {
      maxSessionMemory: limits.SESSION_MEMORY_MB,
      maxHeaderListPairs: limits.HEADERS_MAX_PAIRS,
      settings: {
        maxConcurrentStreams: limits.MAX_CONCURRENT_STREAMS,
        maxHeaderListSize: limits.HEADERS_MAX_BYTES,
        initialWindowSize: limits.STREAM_WINDOW_BYTES,
      },
    },
    listener,
  );
}

function track<Connection extends Socket | ServerHttp2Session>(open: Set<Connection>, connection: Connection): void {
  open.add(connection);
  connection.once("close", () => open.delete(connection));
}

const DRAIN_STEP_MS = 20;

async function drain(sockets: ReadonlySet<Socket>, http1: Http1Server, drainMs: number): Promise<void> {
  const endMs = performance.now() + drainMs;
  while (sockets.size > 0 && performance.now() < endMs) {
    http1.closeIdleConnections();
    // Of those that have said nothing no server knows.
    for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    await sleep(DRAIN_STEP_MS);
  }
}
