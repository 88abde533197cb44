import type { DocumentSource } from "../format.ts";
import { BASE_API_VERSION, checkApiVersion } from "./api-version.ts";
import { isDistribution, versionOf } from "./distribution-file.ts";
import { baseUrlOf, checkIsIndex, lastSegment } from "./html-evidence.ts";
import { type HtmlAnchor, type HtmlPage, readHtml } from "./html-page.ts";
import { type JsonObject, textOf } from "./read-json.ts";

/**
 * A PEP 503 project page as the PEP 691 object that says the same. Sizes and upload times are not in HTML.
 * @throws Fault UPSTREAM_INVALID when the HTML is not such a page.
 */
export function readHtmlProject(source: DocumentSource, project: string): JsonObject {
  const page = readHtml(textOf(source));
  checkApiVersion(source, metaContents(page, "pypi:repository-version")[0]);
  const base = baseUrlOf(source, page);
  const files = page.anchors.flatMap((anchor) => fileOf(anchor, base) ?? []);
  checkIsIndex(
    source,
    page,
    files.some(({ filename }) => versionOf(filename, project) !== undefined),
  );
  return { ...statusOf(page), ...locationsOf(page), meta: readMeta(page), name: project, files };
}

function readMeta(page: HtmlPage): JsonObject {
  const tracks = metaContents(page, "pypi:tracks");
  return {
    ...(page.serial !== undefined && { "_last-serial": page.serial }),
    "api-version": BASE_API_VERSION,
    ...(tracks.length > 0 && { tracks }),
  };
}

function locationsOf(page: HtmlPage): JsonObject {
  const locations = metaContents(page, "pypi:alternate-locations");
  return locations.length > 0 ? { "alternate-locations": locations } : {};
}

/** PEP 792. */
function statusOf(page: HtmlPage): JsonObject {
  const [status] = metaContents(page, "pypi:project-status");
  const [reason] = metaContents(page, "pypi:project-status-reason");
  if (status === undefined) return {};
  return { "project-status": { status, ...(reason !== undefined && { reason }) } };
}

function metaContents(page: HtmlPage, wanted: string): string[] {
  return page.metas.filter(({ name }) => name === wanted).map(({ content }) => content.trim());
}

/** Undefined: the anchor does not lead to a distribution file. */
function fileOf({ attributes }: HtmlAnchor, base: string): (JsonObject & { readonly filename: string }) | undefined {
  const url = URL.parse(attributes.href ?? "", base);
  const filename = url && lastSegment(url);
  if (!url || !filename || url.pathname.endsWith("/") || !isDistribution(filename)) return undefined;

  const requiresPython = attributes["data-requires-python"];
  const coreMetadata = attributes["data-core-metadata"] ?? attributes["data-dist-info-metadata"];
  const signed = attributes["data-gpg-sig"];
  const provenance = attributes["data-provenance"];
  const yanked = attributes["data-yanked"];
  return {
    ...(coreMetadata !== undefined && { "core-metadata": coreMetadata === "true" || hashesIn(coreMetadata) }),
    filename,
    ...(signed !== undefined && { "gpg-sig": signed === "true" }),
    hashes: hashesIn(url.hash.slice(1)) || {},
    ...(provenance !== undefined && { provenance }),
    ...(requiresPython !== undefined && { "requires-python": requiresPython }),
    url: url.href,
    // The attribute alone yanks; its value is the reason.
    yanked: yanked === undefined ? false : yanked || true,
  };
}

/** `sha256=…` (several with "&") as a hash dictionary; false: there is none in the text. */
function hashesIn(text: string): Readonly<Record<string, string>> | false {
  const found = text.matchAll(/(?:^|&)(md5|sha1|sha224|sha256|sha384|sha512)=([0-9a-f]+)(?=&|$)/gi);
  const hashes = [...found].map(([, algorithm = "", digest = ""]) => [algorithm.toLowerCase(), digest.toLowerCase()]);
  return hashes.length > 0 && Object.fromEntries(hashes);
}
