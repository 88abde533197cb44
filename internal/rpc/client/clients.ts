import { type Client, createClient, type Interceptor } from "@connectrpc/connect";
import { createGrpcTransport, Http2SessionManager } from "@connectrpc/connect-node";
import { Health } from "#gen/grpc/health/v1/health_pb.ts";
import { MirrorService } from "#gen/larder/v1/mirror_service_pb.ts";
import { RepoIndexer } from "#gen/larder/v1/repo_indexer_pb.ts";
import { RepoManager } from "#gen/larder/v1/repo_manager_pb.ts";
import { withFaults } from "./client-faults.ts";

export type RepoManagerClient = Client<typeof RepoManager>;
export type RepoIndexerClient = Client<typeof RepoIndexer>;
export type MirrorClient = Client<typeof MirrorService>;

/** Typed clients of one server. Their calls throw a Fault for every expected failure of the server's. */
export interface Clients {
  readonly repoManager: RepoManagerClient;
  readonly repoIndexer: RepoIndexerClient;
  readonly mirror: MirrorClient;
  readonly health: Client<typeof Health>;
  /** Ends the connection and the calls on it. */
  close(): void;
}

export interface ClientOptions {
  /** http://host:port or https://host:port */
  readonly url: string;
  /** Sent as `authorization: Bearer`; undefined: anonymous. */
  readonly token: string | undefined;
}

/** Pages of 1,000 packages and the like. */
const ANSWER_MAX_BYTES = 64 * 1024 * 1024;
/** A process that hangs, or a connection that a firewall dropped silently, is noticed after so long at most. */
const PINGS = { pingIntervalMs: 10_000, pingTimeoutMs: 5_000 };

/** gRPC over one HTTP/2 connection, opened at the first call and again whenever it is lost. */
export function createClients({ url, token }: ClientOptions): Clients {
  const sessionManager = new Http2SessionManager(url, PINGS);
  const transport = createGrpcTransport({
    baseUrl: url,
    sessionManager,
    readMaxBytes: ANSWER_MAX_BYTES,
    interceptors: token === undefined ? [] : [bearer(token)],
  });
  return {
    repoManager: withFaults(RepoManager, createClient(RepoManager, transport)),
    repoIndexer: withFaults(RepoIndexer, createClient(RepoIndexer, transport)),
    mirror: withFaults(MirrorService, createClient(MirrorService, transport)),
    health: createClient(Health, transport),
    close: () => sessionManager.abort(),
  };
}

function bearer(token: string): Interceptor {
  return (next) => (request) => {
    request.header.set("authorization", `Bearer ${token}`);
    return next(request);
  };
}
