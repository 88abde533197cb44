import type { Announcement } from "../format.ts";
import { decodeSegment, encodePath, encodeSegment, segmentsOf } from "../path.ts";
import type { ChartEntry } from "./chart-entry.ts";

const MAX_PATH_BYTES = 1024;
const PROVENANCE = ".prov";

/** Where the archive of one chart version is, upstream and with us. */
export interface ChartFile {
  /** `charts/{name}/{version}/{file}`, decoded. The file keeps its name: provenance files sign it, and `helm pull` saves it so. */
  readonly path: string;
  /** The path as a link relative to the index. */
  readonly link: string;
  readonly upstreamUrl: string;
}

/** What one of our paths below `charts/` stands for. */
export interface ChartPath {
  readonly path: string;
  readonly packageName: string;
  readonly version: string;
  readonly isProvenance: boolean;
}

/**
 * The path names chart and version, so that files of one name from two places stay apart, and the path outlives a move of the
 * upstream's files. Undefined: the entry links to nothing by http(s) (`oci://`), or its name or version cannot be a path segment.
 *
 * `indexUrl` is the base of relative links; as with Helm its query is part of them.
 */
export function chartFileOf(packageName: string, entry: ChartEntry, indexUrl: string): ChartFile | undefined {
  const { version = "", urls = [] } = entry;
  const upstreamUrl = firstHttpUrl(urls, indexUrl);
  if (upstreamUrl === undefined || !isSegment(packageName) || !isSegment(version)) return undefined;
  const file = decodeSegment(upstreamUrl.pathname.split("/").at(-1) ?? "") ?? `${packageName}-${version}.tgz`;
  const segments = ["charts", packageName, version, file];
  const path = segments.join("/");
  if (Buffer.byteLength(path) + PROVENANCE.length > MAX_PATH_BYTES) return undefined;
  // A "+" in a path is a space to some servers in between.
  return { path, link: encodePath(segments).replaceAll("+", "%2B"), upstreamUrl: upstreamUrl.href };
}

/** The archive with its digest, and the provenance file that may lie beside it. */
export function chartAnnouncements(packageName: string, entry: ChartEntry, file: ChartFile): Announcement[] {
  const { version = "", created } = entry;
  const sha256 = sha256Of(entry.digest);
  const shared = { packageName, version, ...(created !== undefined && { publishTime: created }) };
  return [
    { path: file.path, upstreamUrl: file.upstreamUrl, digests: sha256 === undefined ? {} : { sha256 }, ...shared },
    { path: file.path + PROVENANCE, upstreamUrl: provenanceUrlOf(file.upstreamUrl), digests: {}, ...shared },
  ];
}

/** The file beside the archive: its name goes on before the query. */
function provenanceUrlOf(archiveUrl: string): string {
  const [path, ...query] = archiveUrl.split("?");
  return [path + PROVENANCE, ...query].join("?");
}

/** Understands a request path that `chartFileOf` made. */
export function parseChartPath(path: string): ChartPath | undefined {
  const segments = segmentsOf(path);
  if (segments?.length !== 4 || segments[0] !== "charts") return undefined;
  const [, packageName = "", version = "", file = ""] = segments;
  const key = segments.join("/");
  if (file === "" || Buffer.byteLength(key) > MAX_PATH_BYTES) return undefined;
  return { path: key, packageName, version, isProvenance: file.endsWith(PROVENANCE) };
}

/** Lower-case hex, announced bare or as "sha256:…". */
export function sha256Of(digest: string | undefined): string | undefined {
  return /^(?:sha256:)?([0-9a-f]{64})$/.exec(digest?.toLowerCase() ?? "")?.[1];
}

function firstHttpUrl(urls: readonly string[], indexUrl: string): URL | undefined {
  for (const given of urls) {
    const url = URL.parse(given) ?? relativeUrl(given, indexUrl);
    if (url?.protocol !== "http:" && url?.protocol !== "https:") continue;
    url.username = "";
    url.password = "";
    url.hash = "";
    return url;
  }
  return undefined;
}

function relativeUrl(given: string, indexUrl: string): URL | null {
  const url = given === "" ? null : URL.parse(given, indexUrl);
  const search = indexUrl.includes("?") ? new URL(indexUrl).search : "";
  if (url !== null && search !== "") url.search = url.search === "" ? search : `${url.search}&${search.slice(1)}`;
  return url;
}

function isSegment(text: string): boolean {
  return text !== "" && text.isWellFormed() && decodeSegment(encodeSegment(text)) === text;
}
