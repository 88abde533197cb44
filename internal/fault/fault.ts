/** Every expected way to fail. Each wire owns a total map from it (rpc/faults.ts, gateway/faults.ts), so tsc finds the hole. */
export type Reason =
  /** A field, path or setting breaks its rule; facts name the field. */
  | "ARGUMENT_INVALID"
  | "UNAUTHENTICATED"
  | "PERMISSION_DENIED"
  | "REPOSITORY_NOT_FOUND"
  | "REPOSITORY_EXISTS"
  /** ValidateRepository's steps failed and `allow_invalid` was not set. */
  | "REPOSITORY_INVALID"
  | "PACKAGE_NOT_FOUND"
  | "INDEX_TASK_NOT_FOUND"
  /** It cannot be cancelled any more. */
  | "INDEX_TASK_ENDED"
  /** Another one of the repository has to end first. */
  | "INDEX_TASK_ACTIVE"
  /** There are no removals to confirm. */
  | "INDEX_TASK_NOT_HELD"
  /** It did what it was to do. */
  | "INDEX_TASK_NOT_RETRYABLE"
  | "ENTRY_NOT_FOUND"
  | "ETAG_STALE"
  /** The upstream of this format cannot list everything it has. */
  | "FORMAT_NOT_INDEXABLE"
  /** No path of this registry's protocol. */
  | "ROUTE_NOT_FOUND"
  | "METHOD_NOT_ALLOWED"
  | "NOT_ACCEPTABLE"
  | "RANGE_NOT_SATISFIABLE"
  | "REQUEST_TOO_LARGE"
  /** The upstream's definite 404 or 410, or an index that does not list the file. */
  | "UPSTREAM_NOT_FOUND"
  /** Refused connection, time-out, reset, 5xx, open breaker: try later. facts.retryAfterSeconds when known. */
  | "UPSTREAM_UNAVAILABLE"
  | "UPSTREAM_RATE_LIMITED"
  /** 401 or 403: our credential is absent, wrong or expired. */
  | "UPSTREAM_REFUSED"
  /** The address rules forbid the destination. */
  | "UPSTREAM_FORBIDDEN"
  /** An operator set the repository OFFLINE. */
  | "UPSTREAM_OFFLINE"
  /** The answer is not what its protocol promises: HTML instead of JSON, a broken encoding, an unexpected status. */
  | "UPSTREAM_INVALID"
  | "DIGEST_MISMATCH"
  /** A document or file is larger, deeper or longer than Larder takes. */
  | "LIMIT_EXCEEDED"
  | "STORAGE_UNAVAILABLE"
  | "DATABASE_UNAVAILABLE"
  | "QUEUE_UNAVAILABLE";

/** An expected failure. Anything else that is thrown is a bug, and answers INTERNAL or 500. */
export class Fault extends Error {
  readonly reason: Reason;
  /** Machine-readable details, sent as ErrorInfo.metadata. Never a secret. */
  readonly facts: Readonly<Record<string, string>>;

  constructor(reason: Reason, message: string, facts: Record<string, string> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = "Fault";
    this.reason = reason;
    this.facts = facts;
  }
}

/** True when `error` is a Fault with one of the reasons. */
export function isFault(error: unknown, ...reasons: Reason[]): error is Fault {
  return error instanceof Fault && (reasons.length === 0 || reasons.includes(error.reason));
}
