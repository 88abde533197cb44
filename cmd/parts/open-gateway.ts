import type { Authenticate } from "#internal/access/access.ts";
import type { Cache } from "#internal/cache/cache.ts";
import { createGateway } from "#internal/gateway/create-gateway.ts";
import { createHotBodies } from "#internal/gateway/hot-bodies.ts";
import { startGatewayServer } from "#internal/gateway/server.ts";
import type { Mirror } from "#internal/mirror/mirror.ts";
import type { RepositorySnapshot } from "#internal/repository/snapshot.ts";
import { listening } from "./listening.ts";
import type { Foundation } from "./process-life.ts";
import type { PublicUrl } from "./public-url.ts";

/** How long downloads under way may go on after SIGTERM. */
const DRAIN_MS = 30_000;

/** Listens for package managers; resolves to host:port. */
export async function openGateway(
  { configuration, logger, metrics, onDrain }: Foundation,
  parts: {
    readonly repositories: RepositorySnapshot;
    readonly authenticate: Authenticate;
    readonly mirror: Mirror;
    readonly cache: Cache;
    readonly publicUrl: PublicUrl;
  },
): Promise<string> {
  const { repositories, authenticate, mirror, cache, publicUrl } = parts;
  const listener = createGateway({
    repositories,
    authenticate,
    mirror,
    cache,
    hotBodies: createHotBodies(configuration.memoryCacheBytes),
    repositoryUrl: publicUrl.of,
    logger,
    metrics,
  });
  const server = await listening("httpAddress", configuration.httpAddress, (address) =>
    startGatewayServer(address, listener),
  );
  onDrain(() => server.close(DRAIN_MS));
  publicUrl.listensOn(server.address);
  return server.address;
}
