import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Metrics } from "./metrics.ts";

/** What /readyz answers: 200 when ready, else 503, with the details as JSON. */
export interface Readiness {
  readonly ready: boolean;
  readonly details: Readonly<Record<string, string>>;
}

export interface AdminServerOptions {
  /** Port 0 takes a free one. */
  readonly address: { readonly host: string; readonly port: number };
  readonly metrics: Metrics;
  readonly ready: () => Promise<Readiness>;
}

export interface AdminServer {
  /** Where it listens. */
  readonly address: { readonly host: string; readonly port: number };
  close(): Promise<void>;
}

/** Serves /metrics, /livez and /readyz. Rejects when the address is taken. */
export async function startAdminServer({ address, metrics, ready }: AdminServerOptions): Promise<AdminServer> {
  const server = createServer((request, response) => {
    answer(request, response).catch(() => {
      if (response.headersSent) response.destroy();
      else send(response, 500, "text/plain; charset=utf-8", "internal error\n");
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      return send(response, 405, "text/plain; charset=utf-8", "method not allowed\n");
    }
    switch (request.url?.split("?", 1)[0]) {
      case "/metrics":
        return send(response, 200, metrics.contentType, await metrics.text());
      case "/livez":
        return send(response, 200, "text/plain; charset=utf-8", "ok\n");
      case "/readyz": {
        const readiness = await ready();
        return send(response, readiness.ready ? 200 : 503, "application/json", `${JSON.stringify(readiness)}\n`);
      }
      default:
        return send(response, 404, "text/plain; charset=utf-8", "there are /metrics, /livez and /readyz\n");
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(address.port, address.host, resolve);
  });
  const { address: host, port } = server.address() as AddressInfo;
  return {
    address: { host, port },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, status: number, contentType: string, body: string): void {
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
}
