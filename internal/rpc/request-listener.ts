import { Code, ConnectError, type ConnectRouter, createContextValues } from "@connectrpc/connect";
import {
  type ConnectNodeAdapterOptions,
  universalRequestFromNodeRequest,
  universalResponseToNodeResponse,
} from "@connectrpc/connect-node";
import type { Logger } from "#internal/telemetry/logger.ts";
import { CALL, newCall } from "./call.ts";

/** Takes requests of node:http and node:http2 alike. */
export type RequestListener = NonNullable<ConnectNodeAdapterOptions["fallback"]>;
type NodeRequest = Parameters<RequestListener>[0];
type NodeResponse = Parameters<RequestListener>[1];

/**
 * Hands requests to the router's handlers. In place of connect-node's own adapter, which throws into the server (and so ends the process) for
 * a request without a usable host, and writes to the console.
 */
export function createRequestListener(router: ConnectRouter, stopping: AbortSignal, logger: Logger): RequestListener {
  const handlers = new Map(router.handlers.map((handler) => [handler.requestPath, handler]));

  const answer = async (request: NodeRequest, response: NodeResponse): Promise<void> => {
    const handler = handlers.get(request.url?.split("?", 1)[0] ?? "");
    // gRPC clients read 404 as UNIMPLEMENTED: this process does not serve that service.
    if (!handler) return refuse(response, 404);
    const universal = readRequest(request, response, stopping);
    if (!universal) return refuse(response, 400);
    await universalResponseToNodeResponse(await handler(universal), response);
  };

  return (request, response) => {
    answer(request, response).catch((error: unknown) => {
      // Aborted: the client went away, which the call's own line tells.
      if (ConnectError.from(error).code !== Code.Aborted) logger.warn("rpc answer failed", { error });
      if (response.headersSent) response.destroy();
      else refuse(response, 500);
    });
  };
}

function readRequest(request: NodeRequest, response: NodeResponse, stopping: AbortSignal) {
  try {
    const values = createContextValues().set(CALL, newCall(stopping));
    return universalRequestFromNodeRequest(request, response, undefined, values);
  } catch {
    return undefined;
  }
}

function refuse(response: NodeResponse, status: number): void {
  if (response.destroyed) return;
  response.writeHead(status);
  response.end();
}
