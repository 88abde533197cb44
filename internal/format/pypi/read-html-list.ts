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
  const listed = projects.filter(({ url }) => isBelow(url, source.url)).length;
  // A portal has a link like "help/" too, but among others.
  checkIsIndex(source, page, !page.isInteractive && listed > page.anchors.length / 2);

  const serial = page.serial === undefined ? {} : { "_last-serial": page.serial };
  const meta = { ...serial, "api-version": BASE_API_VERSION };
  return { meta, projects: projects.map(({ name }) => ({ name })) };
}

/** Undefined: the anchor's text and address do not name one project. */
function projectOf({ attributes, text }: HtmlAnchor, base: string): { name: string; url: URL } | undefined {
  const href = attributes.href ?? "";
  const name = text.replace(/\/$/, "");
  if (!isProjectName(name) || !URL.canParse(href, base)) return undefined;
  const url = new URL(href, base);
  return normaliseName(lastSegment(url) ?? "") === normaliseName(name) ? { name, url } : undefined;
}

/** Whether `url` is one level below the list. */
function isBelow(url: URL, listUrl: string): boolean {
  return new URL("..", url.href.replace(/\/?$/, "/")).href === new URL(".", listUrl).href;
}
