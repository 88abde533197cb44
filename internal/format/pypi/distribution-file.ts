import { decodeSegment, encodeSegment } from "../path.ts";
import { normaliseName } from "./names.ts";

/** Extension → content type, and whether the file name goes on behind the version (tags, platform). */
const EXTENSIONS: readonly { extension: string; contentType: string; tagged?: boolean }[] = [
  { extension: ".whl", contentType: "application/zip", tagged: true },
  { extension: ".egg", contentType: "application/zip", tagged: true },
  { extension: ".zip", contentType: "application/zip" },
  { extension: ".tar.gz", contentType: "application/gzip" },
  { extension: ".tgz", contentType: "application/gzip" },
  { extension: ".tar.bz2", contentType: "application/x-bzip2" },
  { extension: ".tbz", contentType: "application/x-bzip2" },
  { extension: ".tar.xz", contentType: "application/x-xz" },
  { extension: ".tar.z", contentType: "application/x-compress" },
  { extension: ".tar", contentType: "application/x-tar" },
  { extension: ".exe", contentType: "application/octet-stream", tagged: true },
  { extension: ".msi", contentType: "application/octet-stream", tagged: true },
  { extension: ".rpm", contentType: "application/octet-stream", tagged: true },
  { extension: ".deb", contentType: "application/octet-stream", tagged: true },
  { extension: ".dmg", contentType: "application/octet-stream", tagged: true },
];

/** Files that lie beside a distribution file, at its address plus the suffix. */
export const METADATA_SUFFIX = ".metadata";
export const SIGNATURE_SUFFIX = ".asc";

const MAX_FILENAME_BYTES = 512;

/** Whether a file of this name can be served: one plain path segment that no sidecar claims. */
export function isFilename(name: string): boolean {
  if (name === "" || !name.isWellFormed() || Buffer.byteLength(name) > MAX_FILENAME_BYTES) return false;
  return decodeSegment(encodeSegment(name)) === name && distributionOf(name) === name;
}

/** The distribution file that a sidecar belongs to; any other name as it is. */
export function distributionOf(filename: string): string {
  const suffix = [METADATA_SUFFIX, SIGNATURE_SUFFIX].find((one) => filename.endsWith(one)) ?? "";
  return filename.slice(0, filename.length - suffix.length);
}

/** Whether the name ends like a distribution file, so that an anchor with it is no navigation. */
export function isDistribution(filename: string): boolean {
  return kindOf(filename) !== undefined;
}

/** Content type by extension, sidecars included. */
export function contentTypeOf(filename: string): string {
  if (filename.endsWith(METADATA_SUFFIX)) return "text/plain; charset=utf-8";
  if (filename.endsWith(SIGNATURE_SUFFIX)) return "application/pgp-signature";
  return kindOf(filename)?.contentType ?? "application/octet-stream";
}

/** The version in the name of a wheel or sdist of `project` (normalised). Undefined: the name is not of that project. */
export function versionOf(filename: string, project: string): string | undefined {
  const kind = kindOf(filename);
  if (!kind) return undefined;
  const stem = filename.slice(0, filename.length - kind.extension.length);
  for (let dash = stem.indexOf("-"); dash > 0; dash = stem.indexOf("-", dash + 1)) {
    if (normaliseName(stem.slice(0, dash)) !== project) continue;
    const rest = stem.slice(dash + 1);
    return (kind.tagged ? rest.split("-", 1)[0] : rest) || undefined;
  }
  return undefined;
}

function kindOf(filename: string) {
  const name = filename.toLowerCase();
  return EXTENSIONS.find(({ extension }) => name.endsWith(extension));
}
