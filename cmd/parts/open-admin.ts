import { formatAddress } from "#internal/config/parse-network.ts";
import { startAdminServer } from "#internal/telemetry/admin-server.ts";
import { listening } from "./listening.ts";
import type { Foundation } from "./process-life.ts";

/** Serves metrics and probes; resolves to host:port. */
export async function openAdmin({ configuration, metrics, health, onStop }: Foundation): Promise<string> {
  const ready = async () => {
    const parts = Object.entries(await health());
    return {
      ready: parts.every(([, healthy]) => healthy),
      details: Object.fromEntries(parts.map(([name, healthy]) => [name, healthy ? "ok" : "unavailable"])),
    };
  };
  const server = await listening("adminAddress", configuration.adminAddress, (address) =>
    startAdminServer({ address, metrics, ready }),
  );
  onStop(() => server.close());
  return formatAddress(server.address);
}
