import { ConnectError } from "@connectrpc/connect";
import { Fault } from "#internal/fault/fault.ts";
import { isUnreachable } from "#internal/rpc/client/client-faults.ts";
import { EXIT_FAILED, EXIT_UNREACHABLE, EXIT_USAGE } from "./exit-codes.ts";

/** Why a command ended, for people and for scripts. */
export interface Failure {
  readonly exitCode: number;
  /** A reason of the fault list, or SERVER_UNREACHABLE, or the code that the server gave. */
  readonly reason: string;
  readonly message: string;
  readonly facts: Readonly<Record<string, string>>;
  /** What to do about it; empty when the message says it. */
  readonly hint: string;
}

/** Node's words for a connection that did not come about. */
const CONNECTION_CODES =
  /^(?:E(?:CONN|HOST|NET|PIPE|TIMEDOUT|NOTFOUND|AI_)|ERR_(?:HTTP2|SSL|TLS)|CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO)/;

/** The option that sets what a fault calls by the name of its field. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ["upstream_url", "--upstream-url"],
  ["format", "--format"],
  ["visibility", "--visibility"],
  ["display_name", "--display-name"],
  ["description", "--description"],
  ["labels", "--label"],
  ["metadata_ttl", "--metadata-ttl"],
  ["sync_interval", "--sync-interval"],
  ["file_origins", "--file-origin"],
  ["filter", "--filter"],
  ["order_by", "--order-by"],
]);

/** @throws `error` itself when it is a bug of this program */
export function toFailure(error: unknown): Failure {
  if (error instanceof Fault) return failureOf(error);
  if (!(error instanceof ConnectError)) throw error;
  if (isUnreachable(error) || isConnectionFault(error)) {
    const message = `the server cannot be reached, or went away: ${error.rawMessage}`;
    const hint = "is it running, and is --server-url its gRPC address?";
    return { exitCode: EXIT_UNREACHABLE, reason: "SERVER_UNREACHABLE", message, facts: {}, hint };
  }
  return { exitCode: EXIT_FAILED, reason: `CODE_${error.code}`, message: error.rawMessage, facts: {}, hint: "" };
}

function failureOf({ reason, message, facts, cause }: Fault): Failure {
  // Clients make faults of the server's errors and keep those as the cause; what has none was found wrong before anybody was asked.
  const isOfServer = cause instanceof ConnectError;
  return { exitCode: isOfServer ? EXIT_FAILED : EXIT_USAGE, reason, message, facts, hint: hintOf(reason, facts) };
}

function hintOf(reason: string, { field, retryAfterSeconds }: Readonly<Record<string, string>>): string {
  if (reason === "UNAUTHENTICATED" || reason === "PERMISSION_DENIED") {
    return "give the administrator's token: --token-file, LARDER_TOKEN, or --data-dir of the server";
  }
  if (reason === "REPOSITORY_INVALID") {
    return "larder repo validate shows every step; --allow-invalid goes on without an answer";
  }
  if (reason === "ETAG_STALE") return "larder repo get shows the etag that is stored now";
  const option = OPTIONS.get(field?.replace(/^repository\./, "") ?? "");
  if (option !== undefined) return `see ${option}`;
  return retryAfterSeconds === undefined ? "" : `try again in ${retryAfterSeconds} s`;
}

function isConnectionFault({ cause }: ConnectError): boolean {
  for (let error = cause; error instanceof Error; error = error.cause) {
    if ("code" in error && CONNECTION_CODES.test(String(error.code))) return true;
  }
  return false;
}
