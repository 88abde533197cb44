import type { DocumentKind, DocumentSource, ParsedDocument } from "../format.ts";
import type { Standing } from "../standing.ts";
import { announcementsOf } from "./announcements.ts";
import { checkApiVersion } from "./api-version.ts";
import { HTML_TYPE, HTML_V1_TYPE, JSON_TYPE, UPSTREAM_ACCEPT } from "./media-types.ts";
import { readHtmlProject } from "./read-html-project.ts";
import { isJson, isObject, type JsonObject, notADocument, readJsonObject } from "./read-json.ts";
import { type SimpleFile, type SimplePage, simplePage } from "./simple-page.ts";
import { writeHtmlProject } from "./write-html.ts";

/** The simple page of one project. The upstream's JSON or HTML, whichever it speaks, gives every representation. */
export const projectDocument: DocumentKind = {
  accept: UPSTREAM_ACCEPT,
  ttlMs: "repository",
  maxBytes: 64 * 1024 * 1024,
  parse,
};

function parse(source: DocumentSource): ParsedDocument {
  const project = source.ref.packageName ?? "";
  // Addresses in the object that HTML gives are absolute already.
  const read = isJson(source) ? readJsonProject(source) : readHtmlProject(source, project);
  const page = simplePage(read, project, source);
  return {
    announcements: () => announcementsOf(page),
    standing: () => standingOf(page),
    represent(representation, { repositoryUrl }) {
      const provenanceUrl = provenanceBelow(repositoryUrl);
      if (representation === JSON_TYPE) return { contentType: JSON_TYPE, body: writeJson(page, provenanceUrl) };
      if (representation !== HTML_TYPE && representation !== HTML_V1_TYPE) return undefined;
      return { contentType: representation, body: writeHtmlProject(page, provenanceUrl) };
    },
  };
}

/** Undefined: the index has put the project into quarantine, so that it lists nothing on purpose (PEP 792). */
function standingOf(page: SimplePage): Standing | undefined {
  const status = page.fields["project-status"];
  if (isObject(status) && status.status === "quarantined") return undefined;
  return { revision: serialOf(page), releases: page.files.map(({ filename }) => filename) };
}

/** Of the index, when the page last changed. Undefined: it does not say. */
function serialOf({ fields: { meta } }: SimplePage): number | undefined {
  const serial = isObject(meta) ? meta["_last-serial"] : undefined;
  return typeof serial === "number" ? serial : undefined;
}

function readJsonProject(source: DocumentSource): JsonObject {
  const page = readJsonObject(source);
  if (!Array.isArray(page.files)) throw notADocument(source, "it has no list of files");
  checkApiVersion(source, isObject(page.meta) ? page.meta["api-version"] : undefined);
  return page;
}

function writeJson({ fields, files }: SimplePage, provenanceUrl: (file: SimpleFile) => string | undefined): string {
  const entries = files.map((file) => ({ ...file.fields, provenance: provenanceUrl(file) }));
  return JSON.stringify({ ...fields, files: entries });
}

/** PEP 740 wants a complete https URL: without https in front of Larder there is none to give. */
function provenanceBelow(repositoryUrl: string): (file: SimpleFile) => string | undefined {
  const isSecure = repositoryUrl.startsWith("https:");
  return ({ provenancePath }) => (isSecure && provenancePath ? repositoryUrl + provenancePath : undefined);
}
