import { type Configuration, readConfiguration } from "#internal/config/configuration.ts";
import { configurationHelp, readFlags } from "#internal/config/flags.ts";
import { isFault } from "#internal/fault/fault.ts";
import { startAdminServer } from "#internal/telemetry/admin-server.ts";
import { createLogger, type Logger } from "#internal/telemetry/logger.ts";
import { createMetrics, type Metrics } from "#internal/telemetry/metrics.ts";

/** What every part of a process is built with. */
export interface Foundation {
  readonly configuration: Configuration;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Registers what must end; the last registered ends first. */
  onStop(stop: () => Promise<void>): void;
  /** Registers a condition of /readyz and of the health service. */
  onHealth(name: string, healthy: () => Promise<boolean> | boolean): void;
  /** All registered conditions, now. */
  health(): Promise<Readonly<Record<string, boolean>>>;
}

/** Where a process answers; what it does not serve is absent. */
export interface Addresses {
  readonly http?: string;
  readonly grpc?: string;
}

/** Exit codes: 0 stopped as asked, 1 failed, 2 the configuration is wrong. */
const CONFIGURATION_WRONG = 2;

/**
 * The life of every Larder process: reads its configuration, builds, says that it is ready in one line on standard output, drains on
 * SIGTERM or SIGINT, exits.
 */
export async function runProcess(
  argv: readonly string[],
  build: (foundation: Foundation) => Promise<Addresses>,
): Promise<void> {
  const configuration = configure(argv);
  if (!configuration) return;
  const logger = createLogger({ level: configuration.logLevel });
  const { foundation, stop } = createFoundation(configuration, logger);
  stopOnSignals(logger, stop);
  try {
    const addresses = await build(foundation);
    const admin = await startAdmin(foundation);
    const line = Object.entries({ ...addresses, admin }).map(([name, address]) => `${name}=${address}`);
    console.log(`larder ready ${line.join(" ")}`);
  } catch (error) {
    console.error(isFault(error) ? error.message : error);
    await stop();
    process.exit(isFault(error, "ARGUMENT_INVALID") ? CONFIGURATION_WRONG : 1);
  }
}

function configure(argv: readonly string[]): Configuration | undefined {
  try {
    const flags = readFlags(argv);
    if (flags === "help") {
      console.log(configurationHelp());
      return undefined;
    }
    return readConfiguration({ flags, environment: process.env });
  } catch (error) {
    if (!isFault(error)) throw error;
    console.error(error.message);
    process.exit(CONFIGURATION_WRONG);
  }
}

function createFoundation(configuration: Configuration, logger: Logger) {
  const stops: (() => Promise<void>)[] = [];
  const conditions = new Map<string, () => Promise<boolean> | boolean>();
  const foundation: Foundation = {
    configuration,
    logger,
    metrics: createMetrics(),
    onStop: (stop) => void stops.push(stop),
    onHealth: (name, healthy) => void conditions.set(name, healthy),
    health: async () =>
      Object.fromEntries(
        await Promise.all([...conditions].map(async ([name, healthy]) => [name, await healthy()] as const)),
      ),
  };
  const stop = async (): Promise<void> => {
    for (const end of stops.splice(0).reverse()) {
      await end().catch((error: unknown) => logger.error("a part did not stop well", { error }));
    }
  };
  return { foundation, stop };
}

async function startAdmin({ configuration, metrics, health, onStop }: Foundation): Promise<string> {
  const server = await startAdminServer({
    address: configuration.adminAddress,
    metrics,
    ready: async () => {
      const parts = Object.entries(await health());
      return {
        ready: parts.every(([, healthy]) => healthy),
        details: Object.fromEntries(parts.map(([name, healthy]) => [name, healthy ? "ok" : "unavailable"])),
      };
    },
  });
  onStop(() => server.close());
  return `${server.address.host}:${server.address.port}`;
}

function stopOnSignals(logger: Logger, stop: () => Promise<void>): void {
  let stopping = false;
  const onSignal = (): void => {
    // The second signal means it.
    if (stopping) process.exit(1);
    stopping = true;
    void stop().then(() => process.exit(0));
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("uncaughtException", (error) => {
    // What is broken in an unknown way must not go on serving; a supervisor starts a sound one.
    logger.error("unexpected failure, exiting", { error });
    process.exit(1);
  });
}
