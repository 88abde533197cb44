import type { IncomingHttpHeaders } from "node:http";

/** What a stored answer is known by. */
export interface Validators {
  /** Strong, with quotes. */
  readonly etag: string | undefined;
  /** HTTP date. */
  readonly lastModified: string | undefined;
}

/** Whether the client's copy is the one we would send: 304 (RFC 9110 §13.1.2 and §13.1.3, in that order of precedence). */
export function isNotModified(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  const tags = headers["if-none-match"];
  if (tags !== undefined) return etag !== undefined && (tags.trim() === "*" || listsTag(tags, etag));
  const since = Date.parse(headers["if-modified-since"] ?? "");
  return lastModified !== undefined && Date.parse(lastModified) <= since;
}

/** Whether a range may be cut from what we have now: no `If-Range`, or one that names it exactly (RFC 9110 §13.1.5). */
export function mayCutRange(headers: IncomingHttpHeaders, { etag, lastModified }: Validators): boolean {
  const condition = headers["if-range"];
  if (condition === undefined) return true;
  return typeof condition === "string" && (condition === etag || condition === lastModified);
}

function listsTag(header: string, etag: string): boolean {
  return header.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}
