import type { ServerResponse } from "node:http";
import { Fault } from "#internal/fault/fault.ts";
import type { Format, Refusal, RefusalBody } from "#internal/format/format.ts";
import type { Verdict } from "#internal/mirror/mirror.ts";
import { headersOf, statusOf } from "./faults.ts";
import { SAFETY_HEADERS } from "./safety-headers.ts";

const MAX_REASON_PHRASE = 120;
const ASKED_UPSTREAM = /^(?:UPSTREAM_|DIGEST_MISMATCH$|LIMIT_EXCEEDED$)/;

/** What is told of a bug: nothing but that it was one. */
const BUG = new Fault("STORAGE_UNAVAILABLE", "Larder failed to answer; its log says why");

/** The fault behind an error; a bug becomes a 500. */
export function refusalOf(error: unknown): { fault: Fault; status: number } {
  return error instanceof Fault ? { fault: error, status: statusOf(error) } : { fault: BUG, status: 500 };
}

/** What clients are told. Faults of the machine itself name its paths and programs: those words are for the log. */
function messageFor({ reason, message, facts }: Fault): string {
  return reason === "STORAGE_UNAVAILABLE" && facts.code !== undefined
    ? `Larder cannot use its storage now (${facts.code})`
    : message;
}

/** How far a refused request came: a remembered absence, the upstream, or neither. */
export function verdictOf({ reason, facts }: Fault): Verdict {
  if (facts.verdict !== undefined) return facts.verdict as Verdict;
  return ASKED_UPSTREAM.test(reason) ? "MISS" : "BYPASS";
}

/**
 * Answers with a fault: in the body of the format's own language, and in the HTTP/1.1 reason phrase, which is all that pip, Maven, gem and
 * helm print.
 */
export function sendRefusal(
  response: ServerResponse,
  format: Format | undefined,
  { fault, status }: { fault: Fault; status: number },
  headers: Record<string, string>,
): void {
  const message = messageFor(fault);
  const refusal: Refusal = { status, reason: fault.reason, message };
  const { contentType, body } = format?.refuse(refusal) ?? problem(refusal);
  response.writeHead(status, reasonPhrase(message), {
    ...SAFETY_HEADERS,
    ...headersOf(fault),
    ...headers,
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
}

/** RFC 9457, for paths that belong to no format. */
function problem({ status, reason, message }: Refusal): RefusalBody {
  return {
    contentType: "application/problem+json",
    body: JSON.stringify({ type: "about:blank", title: message, status, detail: message, reason }),
  };
}

/** RFC 9112 §4 allows visible ASCII, blanks and tabs. */
function reasonPhrase(message: string): string {
  return message.replace(/[^\x20-\x7e]/g, "?").slice(0, MAX_REASON_PHRASE);
}
