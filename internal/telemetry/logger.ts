import { type DestinationStream, destination, pino } from "pino";
import { redactFields, redactText } from "./redact.ts";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

/** Details of one line. Errors keep their reason, facts, stack and cause; secrets and control characters never get out. */
export type LogFields = Readonly<Record<string, unknown>>;

/** One JSON line a call. A call below the level costs one comparison. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface LoggerOptions {
  readonly level: LogLevel;
  /** Takes whole lines. Default: standard error, as standard output is for the ready line. */
  readonly destination?: DestinationStream;
}

/** Logger whose sink redacts: whatever a room hands over, no user information of a URL, authorization or cookie is written. */
export function createLogger({ level, destination: sink }: LoggerOptions): Logger {
  const options = {
    level,
    base: { pid: process.pid },
    messageKey: "message",
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  // Synchronous: the lines before a crash are the ones that matter, and the hot path writes none.
  const lines = pino(options, sink ?? destination({ dest: 2, sync: true }));
  const at = (name: Exclude<LogLevel, "silent">) => (message: string, fields?: LogFields) => {
    if (!lines.isLevelEnabled(name)) return;
    lines[name](fields === undefined ? {} : redactFields(fields), redactText(message));
  };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
