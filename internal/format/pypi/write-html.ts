import { BASE_API_VERSION } from "./api-version.ts";
import { fragmentOf } from "./digests.ts";
import { isObject, type JsonObject } from "./read-json.ts";
import type { SimpleFile, SimplePage } from "./simple-page.ts";

/** PEP 503 with its later attributes. @param provenanceUrl as in `writeJsonProject`. */
export function writeHtmlProject(page: SimplePage, provenanceUrl: (file: SimpleFile) => string | undefined): string {
  const links = page.files.map((file) => `    ${link(attributesOf(file, provenanceUrl(file)), file.filename)}<br />`);
  return htmlPage(`Links for ${page.project}`, page.fields, links);
}

/** The project list. @param names of the projects, each with the address relative to the list. */
export function writeHtmlList(fields: JsonObject, names: Iterable<{ name: string; href: string }>): string {
  const links: string[] = [];
  for (const { name, href } of names) links.push(`    ${link({ href }, name)}<br />`);
  return htmlPage("Simple index", fields, links);
}

function attributesOf({ fields, digests, metadataDigests, isSigned }: SimpleFile, provenance: string | undefined) {
  const fragment = fragmentOf(digests);
  const metadata = metadataDigests && (fragmentOf(metadataDigests) ?? "true");
  const { yanked, url } = fields;
  const yankedReason = typeof yanked === "string" ? yanked : "";
  return {
    href: fragment === undefined ? url : `${url}#${fragment}`,
    "data-requires-python": fields["requires-python"],
    "data-yanked": yanked === true || typeof yanked === "string" ? yankedReason : undefined,
    "data-core-metadata": metadata,
    // pip before 23.2 and uv's first versions know only this name.
    "data-dist-info-metadata": metadata,
    "data-gpg-sig": typeof fields["gpg-sig"] === "boolean" ? String(isSigned) : undefined,
    "data-provenance": provenance,
  };
}

function link(attributes: JsonObject, text: string): string {
  const written = Object.entries(attributes).map(([name, value]) =>
    typeof value === "string" ? ` ${name}="${escapeHtml(value)}"` : "",
  );
  return `<a${written.join("")}>${escapeHtml(text)}</a>`;
}

function htmlPage(title: string, fields: JsonObject, links: readonly string[]): string {
  const meta = isObject(fields.meta) ? fields.meta : {};
  const serial = meta["_last-serial"];
  return `<!DOCTYPE html>
<html>
  <head>
    <meta charset="utf-8">
${headOf(fields, meta).join("\n")}
    <title>${escapeHtml(title)}</title>
  </head>
  <body>
    <h1>${escapeHtml(title)}</h1>
${links.join("\n")}
  </body>
</html>
${typeof serial === "number" ? `<!--SERIAL ${serial}-->\n` : ""}`;
}

/** `<meta>` lines: PEP 629, PEP 708, PEP 792. */
function headOf(fields: JsonObject, meta: JsonObject): string[] {
  const status = isObject(fields["project-status"]) ? fields["project-status"] : {};
  const named: [string, unknown][] = [
    ["pypi:repository-version", meta["api-version"] ?? BASE_API_VERSION],
    ["pypi:project-status", status.status],
    ["pypi:project-status-reason", status.reason],
    ...listOf(meta.tracks).map((url): [string, unknown] => ["pypi:tracks", url]),
    ...listOf(fields["alternate-locations"]).map((url): [string, unknown] => ["pypi:alternate-locations", url]),
  ];
  return named.flatMap(([name, content]) =>
    typeof content === "string" ? `    <meta name="${name}" content="${escapeHtml(content)}">` : [],
  );
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function escapeHtml(text: string): string {
  // Almost every text is plain, and the project list has close to a million of them.
  if (!/[&<>"']/.test(text)) return text;
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#x27;");
}
