import type { DocumentSource } from "../format.ts";
import { isObject, type JsonObject, notADocument } from "./read-json.ts";

/** The version of a page that says none, and of a page that is derived from HTML: it lacks what later versions demand. */
export const BASE_API_VERSION = "1.0";

/** @throws Fault UPSTREAM_INVALID when `version` is not of the major that Larder understands (PEP 629 demands it). */
export function checkApiVersion(source: DocumentSource, version: unknown): void {
  if (version === undefined) return;
  if (typeof version === "string" && /^1(\.\d+)*$/.test(version)) return;
  throw notADocument(source, `its API version is ${JSON.stringify(version)}, Larder reads 1.x`);
}

/** `meta` of a page with the API version in it, which old indexes leave out. */
export function metaOf(page: JsonObject): JsonObject {
  const meta = isObject(page.meta) ? page.meta : {};
  return { ...meta, "api-version": meta["api-version"] ?? BASE_API_VERSION };
}
