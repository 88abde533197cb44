import { Fault } from "#internal/fault/fault.ts";
import type { Credential } from "#internal/repository/repository.ts";

const MAX_USERNAME_BYTES = 255;
const MAX_SECRET_BYTES = 4_096;
const CONTROL = /\p{Cc}/u;
const TOKEN = /^[\w!#$%&'*+.^`|~-]{1,255}$/;
/** What HTTP itself uses; upstream/ refuses to send them. */
const RESERVED =
  /^(?:host|connection|content-.*|transfer-encoding|upgrade|keep-alive|te|trailer|expect|cookie|accept-encoding)$/i;

/** @throws Fault ARGUMENT_INVALID that says the rule, never the secret. */
export function checkCredential(credential: Credential): Credential {
  switch (credential.kind) {
    case "basic":
      checkText("basic.username", credential.username, 1, MAX_USERNAME_BYTES);
      if (credential.username.includes(":")) throw invalid("basic.username", "must not have a colon");
      checkText("basic.password", credential.password, 0, MAX_SECRET_BYTES);
      return credential;
    case "bearer":
      checkText("bearer.token", credential.token, 1, MAX_SECRET_BYTES);
      return credential;
    case "header":
      if (!TOKEN.test(credential.name) || RESERVED.test(credential.name)) {
        throw invalid("header.name", "must be a header's name, and not one that HTTP itself uses");
      }
      checkText("header.value", credential.value, 1, MAX_SECRET_BYTES);
      return credential;
  }
}

function checkText(field: string, text: string, minBytes: number, maxBytes: number): void {
  const bytes = Buffer.byteLength(text);
  if (bytes < minBytes || bytes > maxBytes) throw invalid(field, `must have ${minBytes} to ${maxBytes} bytes`);
  if (CONTROL.test(text)) throw invalid(field, "must not have control characters");
}

function invalid(field: string, rule: string): Fault {
  return new Fault("ARGUMENT_INVALID", `credential.${field} ${rule}`, { field: `credential.${field}` });
}
