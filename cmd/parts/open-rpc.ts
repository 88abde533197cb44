import type { Authenticate } from "#internal/access/access.ts";
import { formatAddress } from "#internal/config/parse-network.ts";
import type { RpcService } from "#internal/rpc/rpc-service.ts";
import { startRpcServer } from "#internal/rpc/server.ts";
import type { Foundation } from "./run-process.ts";

/** Serves the process's services; each is as healthy as the parts of the process. Resolves to host:port. */
export async function openRpc(
  { configuration, logger, metrics, onStop, health }: Foundation,
  authenticate: Authenticate,
  services: readonly RpcService[],
): Promise<string> {
  const server = await startRpcServer({
    address: configuration.grpcAddress,
    services,
    authenticate,
    logger,
    metrics,
    health: async () => {
      const healthy = Object.values(await health()).every((part) => part);
      return Object.fromEntries(services.map(({ descriptor }) => [descriptor.typeName, healthy]));
    },
  });
  onStop(() => server.close());
  return formatAddress(server.address);
}
