import type { Authenticate } from "#internal/access/access.ts";
import { formatAddress } from "#internal/config/parse-network.ts";
import type { RpcService } from "#internal/rpc/rpc-service.ts";
import { startRpcServer } from "#internal/rpc/server.ts";
import { listening } from "./listening.ts";
import type { Foundation } from "./process-life.ts";

/** Serves the process's services; each is as healthy as the parts of the process. Resolves to host:port. */
export async function openRpc(
  { configuration, logger, metrics, onDrain, health }: Foundation,
  authenticate: Authenticate,
  services: readonly RpcService[],
): Promise<string> {
  const serviceHealth = async () => {
    const healthy = Object.values(await health()).every((part) => part);
    return Object.fromEntries(services.map(({ descriptor }) => [descriptor.typeName, healthy]));
  };
  const server = await listening("grpcAddress", configuration.grpcAddress, (address) =>
    startRpcServer({ address, services, authenticate, logger, metrics, health: serviceHealth }),
  );
  onDrain(() => server.close());
  return formatAddress(server.address);
}
