import type { Credential as CredentialMessage } from "#gen/larder/v1/repo_manager_pb.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Credential } from "#internal/repository/repository.ts";

const MAX_USERNAME_BYTES = 255;
const MAX_SECRET_BYTES = 4_096;
const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]{1,100}$/i;
const CONTROL = /\p{Cc}/u;
/** HTTP's own, or ours. */
const RESERVED_HEADERS: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "cookie",
  "expect",
  "host",
  "if-modified-since",
  "if-none-match",
  "if-range",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "range",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "via",
]);

/**
 * Undefined when it is absent. No message of a fault repeats what was given.
 * @throws Fault ARGUMENT_INVALID.
 */
export function readCredential(message: CredentialMessage | undefined): Credential | undefined {
  if (!message) return undefined;
  const { kind } = message;
  switch (kind.case) {
    case "basic": {
      const { username, password } = kind.value;
      check(
        "basic.username",
        bytesOf(username, 1, MAX_USERNAME_BYTES) && !username.includes(":"),
        "1 to 255 bytes, no colon",
      );
      check("basic.password", bytesOf(password, 0, MAX_SECRET_BYTES), "at most 4,096 bytes, no control characters");
      return { kind: "basic", username, password };
    }
    case "bearer":
      check("bearer.token", bytesOf(kind.value.token, 1, MAX_SECRET_BYTES), "1 to 4,096 bytes, no control characters");
      return { kind: "bearer", token: kind.value.token };
    case "header": {
      const { name, value } = kind.value;
      const allowed = TOKEN.test(name) && !RESERVED_HEADERS.has(name.toLowerCase());
      check("header.name", allowed, "a header name (RFC 9110) that HTTP itself does not use");
      check("header.value", bytesOf(value, 1, MAX_SECRET_BYTES), "1 to 4,096 bytes, no control characters");
      return { kind: "header", name, value };
    }
    default:
      throw refusal("kind", "exactly one of basic, bearer, header");
  }
}

function bytesOf(text: string, min: number, max: number): boolean {
  const bytes = Buffer.byteLength(text);
  return bytes >= min && bytes <= max && !CONTROL.test(text);
}

function check(field: string, holds: boolean, rule: string): void {
  if (!holds) throw refusal(field, rule);
}

function refusal(part: string, rule: string): Fault {
  const field = `credential.${part}`;
  return new Fault("ARGUMENT_INVALID", `${field} must be ${rule}`, { field });
}
