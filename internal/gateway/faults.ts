import type { Fault, Reason } from "#internal/fault/fault.ts";

const STATUSES: Readonly<Record<Reason, number>> = {
  ARGUMENT_INVALID: 400,
  UNAUTHENTICATED: 401,
  PERMISSION_DENIED: 403,
  REPOSITORY_NOT_FOUND: 404,
  REPOSITORY_EXISTS: 409,
  REPOSITORY_INVALID: 409,
  PACKAGE_NOT_FOUND: 404,
  INDEX_TASK_NOT_FOUND: 404,
  INDEX_TASK_ENDED: 409,
  INDEX_TASK_ACTIVE: 409,
  INDEX_TASK_NOT_HELD: 409,
  INDEX_TASK_NOT_RETRYABLE: 409,
  ENTRY_NOT_FOUND: 404,
  ETAG_STALE: 412,
  FORMAT_NOT_INDEXABLE: 409,
  ROUTE_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  RANGE_NOT_SATISFIABLE: 416,
  REQUEST_TOO_LARGE: 413,
  UPSTREAM_NOT_FOUND: 404,
  UPSTREAM_UNAVAILABLE: 503,
  UPSTREAM_RATE_LIMITED: 503,
  UPSTREAM_REFUSED: 502,
  UPSTREAM_FORBIDDEN: 502,
  // As for `only-if-cached` (RFC 9111 §5.2.1.7). Not 503: pip tries that again and then hides why.
  UPSTREAM_OFFLINE: 504,
  UPSTREAM_INVALID: 502,
  DIGEST_MISMATCH: 502,
  LIMIT_EXCEEDED: 502,
  STORAGE_UNAVAILABLE: 503,
  DATABASE_UNAVAILABLE: 503,
  QUEUE_UNAVAILABLE: 503,
};

/** HTTP statuses of an UPSTREAM_UNAVAILABLE by its facts' cause (upstream/upstream-fault.ts); without a connection it is 503. */
const UNAVAILABLE_STATUSES: ReadonlyMap<string | undefined, number> = new Map([
  ["timeout", 504],
  ["stall", 504],
  ["deadline", 504],
  ["status", 502],
  ["reset", 502],
  ["protocol", 502],
  ["tls", 502],
]);

/** Transient faults say when to come back, in seconds, where they know no better. */
const RETRY_AFTER_SECONDS = "5";

export function statusOf({ reason, facts }: Fault): number {
  if (reason === "REQUEST_TOO_LARGE" && facts.part === "target") return 414;
  if (reason === "UPSTREAM_UNAVAILABLE") return UNAVAILABLE_STATUSES.get(facts.cause) ?? STATUSES[reason];
  return STATUSES[reason];
}

/** Headers that a fault's status asks for. */
export function headersOf(fault: Fault): Record<string, string> {
  const status = statusOf(fault);
  switch (status) {
    case 401:
      return { "www-authenticate": 'Basic realm="larder", charset="UTF-8"' };
    case 405:
      return { allow: "GET, HEAD, POST" };
    case 413:
      // The rest of the body is not worth reading.
      return { connection: "close" };
    case 416:
      return { "content-range": `bytes */${fault.facts.sizeBytes ?? "0"}` };
    case 502:
    case 503:
    case 504:
      return { "retry-after": fault.facts.retryAfterSeconds ?? RETRY_AFTER_SECONDS };
    default:
      return {};
  }
}
