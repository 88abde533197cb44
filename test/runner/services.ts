import { startMariadb } from "../services/mariadb.ts";
import { startNatsServer } from "../services/nats-server.ts";

/** The servers of one run. */
export interface RunServices {
  /** URLs for the tests. A service that could not be started has none: its tests then fail and say so. */
  readonly environment: Record<string, string>;
  /** Why a service is not there. */
  readonly problems: readonly string[];
  /** Ends what this run has started. */
  stop(): Promise<void>;
}

const SERVICES = [
  { name: "MariaDB", variable: "LARDER_TEST_DATABASE_URL", start: startMariadb },
  { name: "nats-server", variable: "LARDER_TEST_NATS_URL", start: startNatsServer },
] as const;

/** Takes each service from the environment, else starts it, and says which. */
export async function startServices(say: (line: string) => void): Promise<RunServices> {
  const environment: Record<string, string> = {};
  const problems: string[] = [];
  const stops: (() => Promise<void>)[] = [];
  for (const { name, variable, start } of SERVICES) {
    if (process.env[variable]) {
      say(`${name}: given by ${variable}`);
      continue;
    }
    try {
      const server = await start();
      stops.push(() => server.stop());
      environment[variable] = server.url;
      say(`${name}: started, ${server.url}`);
    } catch (error) {
      problems.push(`${name} is missing: ${(error as Error).message}`);
    }
  }
  return { environment, problems, stop: async () => void (await Promise.all(stops.map((stop) => stop()))) };
}
