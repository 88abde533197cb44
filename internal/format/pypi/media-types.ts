import type { FormatRequest } from "../format.ts";
import { preferred } from "../negotiate.ts";

/** Content types of simple pages. They are also the names of the representations. */
export const JSON_TYPE = "application/vnd.pypi.simple.v1+json";
export const HTML_V1_TYPE = "application/vnd.pypi.simple.v1+html";
export const HTML_TYPE = "text/html";

/** What is asked upstream: JSON tells most; HTML where there is no JSON. */
export const UPSTREAM_ACCEPT = `${JSON_TYPE}, ${HTML_V1_TYPE};q=0.2, ${HTML_TYPE};q=0.01`;

/** What a client may ask for → what it gets. HTML comes first: it is the answer to a client that does not say (PEP 691). */
const OFFERED: ReadonlyMap<string, string> = new Map([
  [HTML_TYPE, HTML_TYPE],
  [HTML_V1_TYPE, HTML_V1_TYPE],
  [JSON_TYPE, JSON_TYPE],
  ["application/vnd.pypi.simple.latest+html", HTML_V1_TYPE],
  ["application/vnd.pypi.simple.latest+json", JSON_TYPE],
]);

/** The content type that a simple page is sent in. Undefined: none that the client accepts. */
export function negotiatedType(request: FormatRequest): string | undefined {
  const override = formatOverride(request.query);
  const type = override ?? preferred(request.headers.accept, [...OFFERED.keys()]);
  return type === undefined ? undefined : OFFERED.get(type);
}

/** The query to keep on a redirect: the override when it is one that we know, else "". */
export function keptQuery(query: string): string {
  const override = formatOverride(query);
  return override !== undefined && OFFERED.has(override) ? `?format=${override}` : "";
}

/** `?format=` wins over the Accept header (PEP 691). */
function formatOverride(query: string): string | undefined {
  // A literal "+" in a query reads as a space, and no media type has spaces.
  return new URLSearchParams(query).get("format")?.replaceAll(" ", "+").toLowerCase();
}
