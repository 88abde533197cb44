import { environmentName } from "#internal/config/configuration-keys.ts";
import { type Address, formatAddress } from "#internal/config/parse-network.ts";
import { StartFailure } from "./start-failure.ts";

const PROBLEMS: Readonly<Record<string, string>> = {
  EADDRINUSE: "is taken by another process",
  EADDRNOTAVAIL: "is no address of this machine",
  EAFNOSUPPORT: "is of a kind that this machine does not speak",
  EACCES: "is not this user's to take: low ports need a privilege",
  ENOTFOUND: "is a name that cannot be resolved",
  EAI_AGAIN: "is a name that cannot be resolved now",
};

/**
 * Starts a server on the address of a setting.
 * @throws StartFailure that names the setting when the address cannot be had
 */
export async function listening<Server>(
  key: "httpAddress" | "grpcAddress" | "adminAddress",
  address: Address,
  start: (address: Address) => Promise<Server>,
): Promise<Server> {
  try {
    return await start(address);
  } catch (error) {
    const problem = PROBLEMS[(error as NodeJS.ErrnoException).code ?? ""];
    if (problem === undefined) throw error;
    throw new StartFailure(`${environmentName(key)}: ${formatAddress(address)} ${problem}`, error);
  }
}
