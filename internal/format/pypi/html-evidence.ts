import type { DocumentSource } from "../format.ts";
import type { HtmlPage } from "./html-page.ts";
import { HTML_V1_TYPE } from "./media-types.ts";
import { mediaType, notADocument } from "./read-json.ts";

const INDEX_HEADING = /^(links for|simple (package )?(index|repository)|index of)\b/i;

/**
 * Tells a simple index from what captive portals, proxies and login pages send in its place (faults.md A3).
 * A page is believed when it declares itself (content type or `pypi:repository-version`), when it
 * links to what such a page links to, or when it is called one and has nothing to interact with.
 *
 * @param hasLinks it links to files of the project, or as a plain page to projects.
 * @throws Fault UPSTREAM_INVALID
 */
export function checkIsIndex(source: DocumentSource, page: HtmlPage, hasLinks: boolean): void {
  if (page.asksPassword) throw notADocument(source, "it is a page that asks for a password");
  if (page.isCut) throw notADocument(source, "its HTML ends in the middle");
  const declares =
    mediaType(source) === HTML_V1_TYPE || page.metas.some(({ name }) => name === "pypi:repository-version");
  const isCalledSo = !page.isInteractive && page.headings.some((heading) => INDEX_HEADING.test(heading));
  if (!declares && !hasLinks && !isCalledSo) throw notADocument(source, "it is HTML, but no simple index");
}

/** The base of the page's relative addresses. */
export function baseUrlOf(source: DocumentSource, page: HtmlPage): string {
  return URL.parse(page.base ?? "", source.url)?.href ?? source.url;
}

/** The last path segment of an address, decoded. Undefined: it is no http(s) address, or has no such segment. */
export function lastSegment(url: URL): string | undefined {
  if (!/^https?:$/.test(url.protocol)) return undefined;
  try {
    return decodeURIComponent(url.pathname.split("/").findLast((segment) => segment !== "") ?? "") || undefined;
  } catch {
    return undefined;
  }
}
