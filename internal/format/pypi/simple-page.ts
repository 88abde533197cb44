import type { Digests, DocumentSource } from "../format.ts";
import { metaOf } from "./api-version.ts";
import { digestsOf } from "./digests.ts";
import { isFilename } from "./distribution-file.ts";
import { fileUrlPath, provenancePath } from "./documents.ts";
import { isVersion } from "./names.ts";
import { isObject, type JsonObject } from "./read-json.ts";

/** A project page with everything checked that Larder acts on. */
export interface SimplePage {
  /** Normalised. */
  readonly project: string;
  /** The PEP 691 object without `files`. */
  readonly fields: JsonObject;
  readonly files: readonly SimpleFile[];
}

export interface SimpleFile {
  readonly filename: string;
  /** Absolute, without fragment and user information. */
  readonly upstreamUrl: string;
  readonly digests: Digests;
  /** Digests of the metadata file, maybe none; undefined: there is no metadata file. */
  readonly metadataDigests: Digests | undefined;
  readonly isSigned: boolean;
  /** Path of its provenance below our repository, percent-encoded. */
  readonly provenancePath: string | undefined;
  /** The PEP 691 entry as clients get it, but for `provenance`. */
  readonly fields: JsonObject;
}

/**
 * The page in a PEP 691 object. An entry that Larder could not serve (no plain file name, no http address) is left out, and so
 * is a second one of the same name: one path, one file.
 */
export function simplePage(page: JsonObject, project: string, source: DocumentSource): SimplePage {
  const files = new Map<string, SimpleFile>();
  for (const entry of Array.isArray(page.files) ? page.files : []) {
    const file = fileOf(entry, project, source);
    if (file && !files.has(file.filename)) files.set(file.filename, file);
  }
  const { files: _, ...fields } = page;
  return { project, fields: { ...fields, meta: metaOf(page), name: project }, files: [...files.values()] };
}

function fileOf(entry: unknown, project: string, source: DocumentSource): SimpleFile | undefined {
  if (!isObject(entry)) return undefined;
  const { filename, url, provenance, ...rest } = entry;
  const upstreamUrl = addressOf(url, source.url);
  if (typeof filename !== "string" || !isFilename(filename) || !upstreamUrl) return undefined;

  const metadata = metadataOf(entry);
  const hashes = isObject(entry.hashes) ? entry.hashes : {};
  const addressed = { filename, hashes, url: `../../${fileUrlPath(project, filename)}` };
  return {
    filename,
    upstreamUrl,
    digests: digestsOf(entry.hashes),
    metadataDigests: metadata === true || isObject(metadata) ? digestsOf(metadata) : undefined,
    isSigned: entry["gpg-sig"] === true,
    provenancePath: servedProvenance(provenance, project, filename, source),
    fields: { ...withMetadata(rest, metadata), ...addressed },
  };
}

/** The address of a file, as data and no destination: http(s), absolute, without user information or fragment. */
function addressOf(url: unknown, base: string): string | undefined {
  const address = typeof url === "string" ? URL.parse(url, base) : null;
  if (!address || !/^https?:$/.test(address.protocol)) return undefined;
  address.username = "";
  address.password = "";
  address.hash = "";
  return address.href;
}

/** What the entry says of its metadata file, under its names of three times (PEP 658, PEP 714, a mistake that stayed). */
function metadataOf(entry: JsonObject): unknown {
  return entry["core-metadata"] ?? entry["dist-info-metadata"] ?? entry["data-dist-info-metadata"];
}

/** pip 22.3 to 23.1 crashes on `dist-info-metadata` (PEP 714), so only the other two names go out. */
function withMetadata({ "dist-info-metadata": _, ...entry }: JsonObject, metadata: unknown): JsonObject {
  if (metadata === undefined || metadata === null) return entry;
  const announced = metadata === true || isObject(metadata) ? metadata : false;
  const alias = Object.hasOwn(entry, "data-dist-info-metadata") ? { "data-dist-info-metadata": announced } : {};
  return { ...entry, ...alias, "core-metadata": announced };
}

/** Ours, when the upstream's is where Larder would look for it: beside the simple index. */
function servedProvenance(url: unknown, project: string, filename: string, source: DocumentSource): string | undefined {
  // "+" of a local version comes in both spellings; ours is the plain one.
  const { href = "", pathname = "" } = (typeof url === "string" && URL.parse(url.replaceAll(/%2b/gi, "+"))) || {};
  const version = /\/integrity\/[^/]+\/([^/]+)\/[^/]+\/provenance$/.exec(pathname)?.[1] ?? "";
  if (!isVersion(version)) return undefined;
  const path = provenancePath(project, version, filename);
  return new URL(`../../${path}`, source.url).href === href ? path : undefined;
}
