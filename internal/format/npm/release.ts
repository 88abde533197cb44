import type { Announcement } from "../format.ts";
import { decodeSegment, encodeSegment } from "../path.ts";
import { isObject, type JsonObject, own } from "./json.ts";
import { escapedName, pathOfName, withoutScope } from "./package-name.ts";
import { digestsOf } from "./subresource-integrity.ts";

/** One version of a packument. */
export interface Release {
  readonly version: string;
  /** `versions[version]`, part of the parsed document. */
  readonly manifest: JsonObject;
  /** File name of its tarball below our repository, "name-1.0.0.tgz". */
  readonly file: string;
  /** `dist.tarball` as the upstream wrote it; undefined when it wrote none. */
  readonly tarball: string | undefined;
}

/** Every version with a manifest, in the order of the document. */
export function releasesOf(packageName: string, versions: JsonObject): Release[] {
  const prefix = `${withoutScope(packageName)}-`;
  const taken = new Set<string>();
  const releases: Release[] = [];
  for (const [version, manifest] of Object.entries(versions)) {
    if (!isObject(manifest)) continue;
    const tarball = own(manifest.dist, "tarball");
    const usual = `${prefix}${version}.tgz`;
    const upstreamFile = fileNameIn(tarball);
    const claim = upstreamFile ?? usual;
    // The name that belongs to another version stays with that one, whatever this one claims.
    const belongs = claim === usual || !(taken.has(claim) || Object.hasOwn(versions, versionIn(claim, prefix)));
    const file = belongs ? claim : usual;
    taken.add(file);
    releases.push({ version, manifest, file, tarball: typeof tarball === "string" ? tarball : undefined });
  }
  return releases;
}

function versionIn(file: string, prefix: string): string {
  return file.startsWith(prefix) ? file.slice(prefix.length, -".tgz".length) : "";
}

/** The file name of a conventional address, "…/-/<file>.tgz". Lock files hold it, so it is kept even when it is not "name-version.tgz". */
function fileNameIn(tarball: unknown): string | undefined {
  if (typeof tarball !== "string" || !tarball.endsWith(".tgz")) return undefined;
  const start = tarball.lastIndexOf("/-/");
  return start === -1 ? undefined : decodeSegment(tarball.slice(start + "/-/".length));
}

/** What the document says of the release's tarball. Undefined: it has no address on the web, or no path of ours can name it. */
export function announcementOf(
  packageName: string,
  { version, manifest, file, tarball }: Release,
  publishTime: unknown,
  documentUrl: URL,
): Announcement | undefined {
  const upstreamUrl = tarball === undefined ? undefined : addressOf(tarball, documentUrl);
  if (upstreamUrl === undefined || !isNameable(file)) return undefined;
  return {
    path: `${packageName}/-/${file}`,
    upstreamUrl,
    digests: digestsOf(own(manifest.dist, "integrity"), own(manifest.dist, "shasum")),
    packageName,
    version,
    ...(typeof publishTime === "string" && { publishTime }),
  };
}

function isNameable(file: string): boolean {
  return file.isWellFormed() && file.length <= 512 && decodeSegment(encodeSegment(file)) === file;
}

function addressOf(tarball: string, documentUrl: URL): string | undefined {
  const url = URL.parse(tarball, documentUrl.href);
  if (url === null || !/^https?:$/.test(url.protocol)) return undefined;
  // A document names no credentials, and does not lead down from https: publishers' clients used to write "http:".
  url.username = "";
  url.password = "";
  if (documentUrl.protocol === "https:" && url.host === documentUrl.host) url.protocol = "https:";
  return url.href;
}

/** Points the manifest at our repository. `repositoryUrl` ends in "/". */
export function pointHere(
  packageName: string,
  { version, manifest, file, tarball }: Release,
  repositoryUrl: string,
): void {
  const { dist } = manifest;
  if (!isObject(dist)) return;
  if (tarball !== undefined) dist.tarball = `${repositoryUrl}${pathOfName(packageName)}/-/${segmentFor(file)}`;
  // npm takes only its path name, and resolves that against our host.
  if (typeof own(dist.attestations, "url") === "string") {
    const spec = `${escapedName(packageName)}@${segmentFor(version)}`;
    (dist.attestations as JsonObject).url = `${repositoryUrl}-/npm/v1/attestations/${spec}`;
  }
}

function segmentFor(text: string): string {
  return encodeSegment(text.toWellFormed());
}
