import { errors } from "undici";
import { Fault, isFault, type Reason } from "#internal/fault/fault.ts";

/** facts.cause of the faults of this room. */
export type Cause =
  /** No usable connection. */
  | "dns"
  | "connect"
  | "tls"
  /** No connection or no first byte in time. */
  | "timeout"
  | "reset"
  /** The body stopped, or dripped below the minimum rate. */
  | "stall"
  | "deadline"
  /** Not HTTP. */
  | "protocol"
  | "status"
  | "redirect"
  | "address"
  | "breaker"
  | "busy"
  | "closed";

export interface FaultDetails {
  readonly cause: Cause;
  /** One clause for people, e.g. "refused the connection". */
  readonly problem: string;
  readonly status?: number;
  readonly retryAfterSeconds?: number;
  readonly error?: unknown;
}

/** A fault whose message and facts name the origin only: paths and queries may hold private names or signatures. */
export function upstreamFault(reason: Reason, origin: string, details: FaultDetails): Fault {
  const { cause, problem, status, retryAfterSeconds, error } = details;
  const facts: Record<string, string> = { origin, cause };
  if (status !== undefined) facts.status = String(status);
  if (retryAfterSeconds !== undefined) facts.retryAfterSeconds = String(retryAfterSeconds);
  return new Fault(reason, `${origin} ${problem}`, facts, error === undefined ? undefined : { cause: error });
}

const PROTOCOL_CODES: ReadonlySet<string> = new Set([
  "HPE",
  "UND_ERR_HEADERS_OVERFLOW",
  "UND_ERR_RES_CONTENT_LENGTH_MISMATCH",
]);

/** `phase`: whether the request was on its way when `error` came. Faults and reasons of the caller's signal pass unchanged. */
export function toUpstreamFault(error: unknown, origin: string, phase: "connecting" | "sent"): unknown {
  if (isFault(error)) return error;
  const code = error instanceof errors.HTTPParserError ? "HPE" : codeOf(error);
  if (code === undefined || code === "UND_ERR_INVALID_ARG") return error;
  if (code === "UND_ERR_DESTROYED" || code === "UND_ERR_CLOSED") {
    return upstreamFault("UPSTREAM_UNAVAILABLE", origin, {
      cause: "closed",
      problem: "is not asked any more: Larder stops",
      error,
    });
  }
  if (PROTOCOL_CODES.has(code)) {
    return upstreamFault("UPSTREAM_INVALID", origin, {
      cause: "protocol",
      problem: `did not answer with HTTP (${code})`,
      error,
    });
  }
  const [cause, problem] = phase === "sent" ? (["reset", "broke the connection"] as const) : connectProblem(code);
  return upstreamFault("UPSTREAM_UNAVAILABLE", origin, { cause, problem: `${problem} (${code})`, error });
}

const DNS_CODE = /^(?:ENOTFOUND|ENODATA|EAI_\w+|ESERVFAIL|ETIMEOUT|EREFUSED|EBADRESP|ENONAME)$/;
const TLS_CODE =
  /^(?:ERR_TLS|ERR_SSL|CERT_|CRL_|EPROTO|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO|INVALID_|HOSTNAME_MISMATCH|ERROR_IN_)/;

/** Of this machine: they say nothing about the upstream. */
const OUR_CODE = /^(?:EMFILE|ENFILE|ENOBUFS|ENOMEM|EADDRNOTAVAIL)$/;

function connectProblem(code: string): readonly [Cause, string] {
  if (OUR_CODE.test(code)) return ["busy", "cannot be connected to now: this machine has no socket left"];
  if (DNS_CODE.test(code)) return ["dns", "could not be resolved"];
  if (TLS_CODE.test(code)) return ["tls", "failed the TLS checks"];
  if (code === "ETIMEDOUT") return ["timeout", "did not accept a connection in time"];
  return ["connect", "could not be connected to"];
}

/** Happy eyeballs join the failures of all addresses: the first speaks for them. */
function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as Error & { code?: unknown };
  if (typeof code === "string") return code;
  return error instanceof AggregateError ? error.errors.map(codeOf).find((found) => found !== undefined) : undefined;
}
