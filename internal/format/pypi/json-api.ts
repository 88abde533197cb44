import type { DocumentKind, DocumentSource, ParsedDocument } from "../format.ts";
import { isFilename } from "./distribution-file.ts";
import { fileUrlPath } from "./documents.ts";
import { isObject, type JsonObject, notADocument, readJsonObject } from "./read-json.ts";

/** `/pypi/{project}[/{version}]/json`. Its files are those of the simple page, which announces them. */
export const jsonApiDocument: DocumentKind = {
  accept: "application/json",
  ttlMs: "repository",
  beside: "../pypi/",
  maxBytes: 64 * 1024 * 1024,
  parse,
};

function parse(source: DocumentSource): ParsedDocument {
  const document = readJsonObject(source);
  if (!isObject(document.info) || typeof document.info.name !== "string") {
    throw notADocument(source, "it has no project name");
  }
  const project = source.ref.packageName ?? "";
  return {
    announcements: () => [],
    represent: (_, { repositoryUrl }) => ({
      contentType: "application/json",
      body: JSON.stringify(withOurFiles(document, (filename) => repositoryUrl + fileUrlPath(project, filename))),
    }),
  };
}

type AddressOf = (filename: string) => string;

function withOurFiles(document: JsonObject, addressOf: AddressOf): JsonObject {
  const { urls, releases } = document;
  return {
    ...document,
    ...(Array.isArray(urls) && { urls: rewritten(urls, addressOf) }),
    ...(isObject(releases) && {
      releases: Object.fromEntries(
        Object.entries(releases).map(([version, files]) => [
          version,
          Array.isArray(files) ? rewritten(files, addressOf) : [],
        ]),
      ),
    }),
  };
}

/** A file that Larder could not serve is left out. */
function rewritten(files: readonly unknown[], addressOf: AddressOf): JsonObject[] {
  return files.flatMap((file) => {
    if (!isObject(file) || typeof file.filename !== "string" || !isFilename(file.filename)) return [];
    return { ...file, url: addressOf(file.filename) };
  });
}
