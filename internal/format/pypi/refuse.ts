import { STATUS_CODES } from "node:http";
import type { Refusal, RefusalBody } from "../format.ts";

/**
 * RFC 9457, which uv prints: only when the content type has no parameter. pip prints nothing but the reason phrase
 * (protocols.md §0.1).
 */
export function refuse({ status, reason, message }: Refusal): RefusalBody {
  const problem = { title: STATUS_CODES[status] ?? "Refused", status, detail: message, reason };
  return { contentType: "application/problem+json", body: JSON.stringify(problem) };
}
