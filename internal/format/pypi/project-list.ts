import type { DocumentKind, DocumentSource, ParsedDocument } from "../format.ts";
import { checkApiVersion, metaOf } from "./api-version.ts";
import { projectPage } from "./documents.ts";
import { HTML_TYPE, HTML_V1_TYPE, JSON_TYPE, UPSTREAM_ACCEPT } from "./media-types.ts";
import { isProjectName, normaliseName } from "./names.ts";
import { readHtmlList } from "./read-html-list.ts";
import { isJson, isObject, type JsonObject, notADocument, readJsonObject } from "./read-json.ts";
import { writeHtmlList } from "./write-html.ts";

/** The list of all projects: 30 to 45 MB for the public index, so the JSON of an upstream passes as it came. It announces no file. */
export const projectList: DocumentKind = {
  accept: UPSTREAM_ACCEPT,
  ttlMs: 3_600_000,
  maxBytes: 256 * 1024 * 1024,
  parse,
};

function parse(source: DocumentSource): ParsedDocument {
  const cameAsJson = isJson(source);
  const list = cameAsJson ? readJsonList(source) : readHtmlList(source);
  return {
    announcements: () => [],
    *samples() {
      for (const { name } of namesIn(list)) yield projectPage(normaliseName(name));
    },
    represent(representation) {
      if (representation === JSON_TYPE) {
        return { contentType: JSON_TYPE, body: cameAsJson ? source.body : JSON.stringify(list) };
      }
      if (representation !== HTML_TYPE && representation !== HTML_V1_TYPE) return undefined;
      return { contentType: representation, body: writeHtmlList({ ...list, meta: metaOf(list) }, namesIn(list)) };
    },
  };
}

function readJsonList(source: DocumentSource): JsonObject {
  const list = readJsonObject(source);
  if (!Array.isArray(list.projects)) throw notADocument(source, "it has no list of projects");
  checkApiVersion(source, isObject(list.meta) ? list.meta["api-version"] : undefined);
  return list;
}

function* namesIn(list: JsonObject): Iterable<{ name: string; href: string }> {
  for (const entry of Array.isArray(list.projects) ? list.projects : []) {
    const name: unknown = isObject(entry) ? entry.name : undefined;
    if (typeof name === "string" && isProjectName(name)) yield { name, href: `${normaliseName(name)}/` };
  }
}
