import type { Configuration } from "#internal/config/configuration.ts";
import { type Clients, createClients } from "#internal/rpc/client/clients.ts";

type ServiceUrl = "repoManagerUrl" | "repoIndexerUrl" | "mirrorUrl";

interface ConnectSettings {
  readonly settings: Pick<Configuration, ServiceUrl | "serverUrl">;
  readonly token: string | undefined;
  /** `--server-url` stands on the command line, so it is meant for every service. */
  readonly isUrlGiven: boolean;
}

/** Connections of one run: one a server, also where services are processes of their own. */
export interface Services {
  at(service: ServiceUrl): Clients;
}

/** @param read called at the first use */
export function connectServices(read: () => ConnectSettings): Services {
  const connected = new Map<string, Clients>();
  let known: ConnectSettings | undefined;
  return {
    at(service) {
      known ??= read();
      const { settings, token, isUrlGiven } = known;
      const url = (isUrlGiven ? undefined : settings[service]) ?? settings.serverUrl;
      const clients = connected.get(url) ?? createClients({ url, token });
      connected.set(url, clients);
      return clients;
    },
  };
}
