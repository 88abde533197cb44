import { type Configuration, readConfiguration } from "#internal/config/configuration.ts";
import { configurationHelp, readFlags } from "#internal/config/flags.ts";
import { isFault } from "#internal/fault/fault.ts";
import { createLogger, type Logger } from "#internal/telemetry/logger.ts";
import { redactText } from "#internal/telemetry/redact.ts";
import { openAdmin } from "./open-admin.ts";
import { createLife, type Foundation, type ProcessLife } from "./process-life.ts";
import { StartFailure } from "./start-failure.ts";

/** Where a process answers; what it does not serve is absent. */
export interface Addresses {
  readonly http?: string;
  readonly grpc?: string;
}

/** Exit codes: 0 stopped as asked, 1 failed, 2 the configuration is wrong. */
const FAILED = 1;
const CONFIGURATION_WRONG = 2;
/** Servers drain for 30 s at most; what takes much longer hangs. */
const STOP_LIMIT_MS = 45_000;

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
  const life = createLife(configuration, logger);
  stopOnSignals(life, logger);
  try {
    // First, so that probes are answered while the others start, and stop.
    const admin = await openAdmin(life.foundation);
    const addresses = await build(life.foundation);
    if (!life.becomeReady()) return;
    const line = Object.entries({ ...addresses, admin }).map(([name, address]) => `${name}=${address}`);
    console.log(`larder ready ${line.join(" ")}`);
  } catch (error) {
    // What fails while it stops fails because of that; the signal's own end follows.
    if (life.phase() === "stopping") return;
    tell(error, logger);
    await stopInTime(life, logger);
    process.exit(isFault(error, "ARGUMENT_INVALID") ? CONFIGURATION_WRONG : FAILED);
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

/** One line; what nobody expected is logged with its stack. */
function tell(error: unknown, logger: Logger): void {
  const isExpected = isFault(error) || error instanceof StartFailure;
  if (!isExpected) logger.error("unexpected failure at the start", { error });
  const message = error instanceof Error ? error.message : String(error);
  console.error(redactText(isExpected ? message : `larder cannot start: ${message}`));
}

async function stopInTime(life: ProcessLife, logger: Logger): Promise<void> {
  const limit = setTimeout(() => {
    logger.error("some part did not stop in time, exiting", { limitMs: STOP_LIMIT_MS });
    process.exit(FAILED);
  }, STOP_LIMIT_MS);
  await life.stop();
  clearTimeout(limit);
}

function stopOnSignals(life: ProcessLife, logger: Logger): void {
  const onSignal = (): void => {
    // The second signal means it.
    if (life.phase() === "stopping") process.exit(FAILED);
    void stopInTime(life, logger).then(() => process.exit(0));
  };
  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("uncaughtException", (error) => {
    // What is broken in an unknown way must not go on serving; a supervisor starts a sound one.
    logger.error("unexpected failure, exiting", { error });
    process.exit(FAILED);
  });
}
