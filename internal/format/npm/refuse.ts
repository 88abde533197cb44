import { STATUS_CODES } from "node:http";
import type { Refusal, RefusalBody } from "../format.ts";
import { JSON_TYPE } from "./media-type.ts";

/** npm and Yarn 1 print `error`; the rest is what RFC 9457 asks for (protocols.md §0.1). */
export function refuse({ status, reason, message }: Refusal): RefusalBody {
  const title = STATUS_CODES[status] ?? reason;
  return { contentType: JSON_TYPE, body: JSON.stringify({ error: message, title, detail: message, status, reason }) };
}
