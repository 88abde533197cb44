import type { DocumentKind, DocumentSource, ParsedDocument } from "../format.ts";
import { notADocument, readJsonObject } from "./read-json.ts";

const PROVENANCE_TYPE = "application/vnd.pypi.integrity.v1+json";

/** PEP 740: who published a file, signed over its name and digest. Sent as it came, for a verifier to judge. */
export const provenanceDocument: DocumentKind = {
  accept: PROVENANCE_TYPE,
  ttlMs: 86_400_000,
  beside: "../integrity/",
  maxBytes: 8 * 1024 * 1024,
  parse,
};

function parse(source: DocumentSource): ParsedDocument {
  const { version, attestation_bundles: bundles } = readJsonObject(source);
  if (version !== 1 || !Array.isArray(bundles)) throw notADocument(source, "it is no provenance of version 1");
  return {
    announcements: () => [],
    represent: () => ({ contentType: PROVENANCE_TYPE, body: source.body }),
  };
}
