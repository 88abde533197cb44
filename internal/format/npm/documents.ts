import type { DocumentKind } from "../format.ts";
import { isObject } from "./json.ts";
import { JSON_TYPE } from "./media-type.ts";
import { readPackument } from "./packument.ts";
import { unchangedDocument } from "./unchanged-document.ts";

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;

export const documents: Readonly<Record<string, DocumentKind>> = {
  /** Packuments of more than 100 MB exist. */
  packument: { accept: JSON_TYPE, ttlMs: "repository", maxBytes: 256 * MIB, parse: readPackument },
  search: {
    accept: JSON_TYPE,
    ttlMs: "repository",
    maxBytes: 16 * MIB,
    parse: unchangedDocument("a search result", ({ objects }) => Array.isArray(objects)),
  },
  keys: {
    accept: JSON_TYPE,
    ttlMs: 24 * HOUR_MS,
    maxBytes: MIB,
    parse: unchangedDocument("a list of signing keys", ({ keys }) => Array.isArray(keys)),
  },
  attestations: {
    accept: JSON_TYPE,
    ttlMs: 24 * HOUR_MS,
    maxBytes: 16 * MIB,
    parse: unchangedDocument("a list of attestations", ({ attestations }) => Array.isArray(attestations)),
  },
  advisories: {
    accept: JSON_TYPE,
    ttlMs: HOUR_MS,
    maxBytes: 64 * MIB,
    parse: unchangedDocument("a list of advisories by package", (byPackage) =>
      Object.values(byPackage).every(Array.isArray),
    ),
  },
  audit: {
    accept: JSON_TYPE,
    ttlMs: HOUR_MS,
    maxBytes: 64 * MIB,
    parse: unchangedDocument("an audit report", ({ advisories }) => isObject(advisories)),
  },
  ping: {
    accept: JSON_TYPE,
    ttlMs: "repository",
    maxBytes: MIB,
    parse: unchangedDocument("an answer to a ping", ({ error }) => error === undefined),
  },
};
