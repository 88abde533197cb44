import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "#gen/google/rpc/error_details_pb.ts";
import { Fault, type Reason } from "#internal/fault/fault.ts";

/** Canonical code of every expected failure. */
export const CODES: Readonly<Record<Reason, Code>> = {
  ARGUMENT_INVALID: Code.InvalidArgument,
  UNAUTHENTICATED: Code.Unauthenticated,
  PERMISSION_DENIED: Code.PermissionDenied,
  REPOSITORY_NOT_FOUND: Code.NotFound,
  REPOSITORY_EXISTS: Code.AlreadyExists,
  REPOSITORY_INVALID: Code.FailedPrecondition,
  PACKAGE_NOT_FOUND: Code.NotFound,
  INDEX_TASK_NOT_FOUND: Code.NotFound,
  INDEX_TASK_ENDED: Code.FailedPrecondition,
  INDEX_TASK_ACTIVE: Code.FailedPrecondition,
  INDEX_TASK_NOT_HELD: Code.FailedPrecondition,
  INDEX_TASK_NOT_RETRYABLE: Code.FailedPrecondition,
  ENTRY_NOT_FOUND: Code.NotFound,
  ETAG_STALE: Code.Aborted,
  FORMAT_NOT_INDEXABLE: Code.FailedPrecondition,
  ROUTE_NOT_FOUND: Code.NotFound,
  METHOD_NOT_ALLOWED: Code.InvalidArgument,
  NOT_ACCEPTABLE: Code.InvalidArgument,
  RANGE_NOT_SATISFIABLE: Code.OutOfRange,
  REQUEST_TOO_LARGE: Code.ResourceExhausted,
  UPSTREAM_NOT_FOUND: Code.NotFound,
  UPSTREAM_UNAVAILABLE: Code.Unavailable,
  UPSTREAM_RATE_LIMITED: Code.Unavailable,
  UPSTREAM_REFUSED: Code.FailedPrecondition,
  UPSTREAM_FORBIDDEN: Code.FailedPrecondition,
  UPSTREAM_OFFLINE: Code.Unavailable,
  UPSTREAM_INVALID: Code.DataLoss,
  DIGEST_MISMATCH: Code.DataLoss,
  LIMIT_EXCEEDED: Code.ResourceExhausted,
  STORAGE_UNAVAILABLE: Code.Unavailable,
  DATABASE_UNAVAILABLE: Code.Unavailable,
  QUEUE_UNAVAILABLE: Code.Unavailable,
};

/** `ErrorInfo.domain` of every fault. */
export const ERROR_DOMAIN = "larder";
/** All that a caller is told of a bug. */
const BUG = "internal error";
/** Where a transient fault knows no better. */
const RETRY_AFTER_SECONDS = 5;
// Details travel in trailers, which clients limit to 8 KiB or so.
const MAX_MESSAGE_LENGTH = 1_000;
const MAX_FACT_LENGTH = 500;

type Detail = ConnectError["details"][number];

/** What the caller gets of anything that was thrown. Bugs answer INTERNAL and tell nothing; `cause` is for the log. */
export function toConnectError(error: unknown): ConnectError {
  if (error instanceof ConnectError) return error;
  if (!(error instanceof Fault)) return new ConnectError(BUG, Code.Internal, undefined, undefined, error);
  const shown = new ConnectError(cut(error.message, MAX_MESSAGE_LENGTH), CODES[error.reason], undefined, [], error);
  shown.details = detailsOf(error);
  return shown;
}

/** True for what `toConnectError` and the library make of an error that nobody expected. */
export function isBug({ code, rawMessage }: ConnectError): boolean {
  return code === Code.Internal && rawMessage === BUG;
}

/** `google.rpc.ErrorInfo` of a fault. */
export function errorInfo({ reason, facts }: Pick<Fault, "reason" | "facts">): Detail {
  const metadata = Object.fromEntries(Object.entries(facts).map(([name, fact]) => [name, cut(fact, MAX_FACT_LENGTH)]));
  return { desc: ErrorInfoSchema, value: { reason, domain: ERROR_DOMAIN, metadata } };
}

function detailsOf(fault: Fault): Detail[] {
  const { reason, message, facts } = fault;
  const details = [errorInfo(fault)];
  if (CODES[reason] === Code.Unavailable) {
    const seconds = Math.ceil(Number(facts.retryAfterSeconds)) || RETRY_AFTER_SECONDS;
    details.push({ desc: RetryInfoSchema, value: { retryDelay: { seconds: BigInt(Math.max(1, seconds)) } } });
  }
  if (reason === "ARGUMENT_INVALID" && facts.field !== undefined) {
    const violation = { field: cut(facts.field, MAX_FACT_LENGTH), description: cut(message, MAX_FACT_LENGTH) };
    details.push({ desc: BadRequestSchema, value: { fieldViolations: [violation] } });
  }
  return details;
}

function cut(text: string, length: number): string {
  return text.length > length ? `${text.slice(0, length - 1)}…` : text;
}
