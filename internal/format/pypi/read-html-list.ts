import type { DocumentSource } from "../format.ts";
import { BASE_API_VERSION, checkApiVersion } from "./api-version.ts";
import { baseUrlOf, checkIsIndex, lastSegment } from "./html-evidence.ts";
import { type HtmlAnchor, readHtml } from "./html-page.ts";
import { isProjectName, normaliseName } from "./names.ts";
import { type JsonObject, textOf } from "./read-json.ts";

/**
 * A PEP 503 project list as the PEP 691 object that says the same.
 * @throws Fault UPSTREAM_INVALID when the HTML is not such a list.
 */
export function readHtmlList(source: DocumentSource): JsonObject {
  const page = readHtml(textOf(source));
  checkApiVersion(source, page.metas.find(({ name }) => name === "pypi:repository-version")?.content.trim());
  const base = baseUrlOf(source, page);
  const projects = page.anchors.flatMap((anchor) => projectOf(anchor, base) ?? []);
  const folder = new URL(".", source.url).href;
  const listed = projects.filter(({ url }) => isDirectlyBelow(url, folder)).length;
  // A portal has a link like "help/" too, but among others.
  checkIsIndex(source, page, !page.isInteractive && listed > page.anchors.length / 2);

  const serial = page.serial === undefined ? {} : { "_last-serial": page.serial };
  const meta = { ...serial, "api-version": BASE_API_VERSION };
  return { meta, projects: projects.map(({ name }) => ({ name })) };
}

/** Undefined: the anchor's text and address do not name one project. */
function projectOf({ attributes, text }: HtmlAnchor, base: string): { name: string; url: URL } | undefined {
  const name = text.replace(/\/$/, "");
  const url = isProjectName(name) ? URL.parse(attributes.href ?? "", base) : null;
  if (!url) return undefined;
  return normaliseName(lastSegment(url) ?? "") === normaliseName(name) ? { name, url } : undefined;
}

/** @param folder ends in "/". */
function isDirectlyBelow({ href }: URL, folder: string): boolean {
  return href.startsWith(folder) && /^[^/]+\/?$/.test(href.slice(folder.length));
}
