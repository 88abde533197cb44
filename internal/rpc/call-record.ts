import { Code, ConnectError, type HandlerContext } from "@connectrpc/connect";
import { Fault, type Reason } from "#internal/fault/fault.ts";
import type { LogFields, Logger } from "#internal/telemetry/logger.ts";
import type { Metrics } from "#internal/telemetry/metrics.ts";
import { CALL, type Call } from "./call.ts";
import { CODES, errorInfo, isBug } from "./faults.ts";
import { methodPath, permissionOf } from "./permissions.ts";

/** Where the end of a call is told. */
export interface CallRecorder {
  readonly logger: Logger;
  readonly metrics: Pick<Metrics, "countRpc">;
}

/** What the library itself refuses, before any handler runs. */
const LIBRARY_REASONS: Partial<Record<Code, Reason>> = {
  [Code.InvalidArgument]: "ARGUMENT_INVALID",
  [Code.ResourceExhausted]: "REQUEST_TOO_LARGE",
  // A message that is no message of its type. As a bug of ours it would wake somebody up.
  [Code.Internal]: "ARGUMENT_INVALID",
};

/**
 * Writes one log line and one metric when the call ends, however it does. The context's signal is the one place that all protocols pass at the
 * end, with the error, and before the error is sent: so a refusal of the library's gets its ErrorInfo here.
 */
export function recordCall(context: HandlerContext, recorder: CallRecorder): void {
  const { signal, values } = context;
  const startMs = performance.now();
  const end = (): void => {
    explain(signal.reason, values.get(CALL));
    record(context, recorder, performance.now() - startMs);
  };
  if (signal.aborted) end();
  else signal.addEventListener("abort", end, { once: true });
}

function explain(error: unknown, { progress }: Call): void {
  if (!(error instanceof ConnectError) || error.details.length > 0 || progress !== "asked" || isBug(error)) return;
  const reason = LIBRARY_REASONS[error.code];
  if (!reason) return;
  error.details.push(errorInfo({ reason, facts: {} }));
  (error as { code: Code }).code = CODES[reason];
}

function record(context: HandlerContext, { logger, metrics }: CallRecorder, durationMs: number): void {
  const { signal, method } = context;
  const { caller, progress } = context.values.get(CALL);
  const path = methodPath(method);
  const code = codeOf(signal.reason, progress);
  const cause = signal.reason instanceof ConnectError ? signal.reason.cause : signal.reason;
  const fields: LogFields = {
    method: path,
    code,
    durationMs: Math.round(durationMs * 10) / 10,
    caller: caller.kind === "admin" ? `users/${caller.name}` : caller.kind,
    ...(cause instanceof Fault && { reason: cause.reason, fault: cause.message }),
  };
  metrics.countRpc(path.slice(path.lastIndexOf(".") + 1), code, durationMs);
  if (code === "INTERNAL") logger.error("rpc failed", { ...fields, error: cause });
  else if (permissionOf(method) === "open") logger.debug("rpc", fields);
  else logger.info("rpc", fields);
}

function codeOf(reason: unknown, progress: Call["progress"]): string {
  if (reason instanceof ConnectError) return nameOf(reason.code);
  if (progress === "answered") return "OK";
  const isAbort = reason instanceof Error && reason.name === "AbortError";
  return nameOf(isAbort ? Code.Canceled : Code.Internal);
}

/** As gRPC spells it. */
function nameOf(code: Code): string {
  if (code === Code.Canceled) return "CANCELLED";
  return (Code[code] ?? "Unknown").replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
}
