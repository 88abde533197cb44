import type { DocumentKind, DocumentRef, FileRoute, Format, FormatRequest, Refusal, Snippet } from "../format.ts";
import { encodePath, segmentsOf } from "../path.ts";
import { contentTypeOf } from "./content-types.ts";

const MAX_PATH_BYTES = 1024;
const ROOT: DocumentRef = { kind: "root", key: "", upstreamPath: "" };

/** The upstream's own answer to its root path: anything will do, it says only that somebody is there. */
const root: DocumentKind = {
  accept: "*/*",
  ttlMs: "repository",
  maxBytes: 16 * 1024 * 1024,
  parse: () => ({ announcements: () => [], represent: () => undefined }),
};

/** Plain files below one upstream URL, path by path (protocols.md §11). */
export const raw: Format = {
  id: "raw",
  label: "Raw files",
  clients: ["curl", "wget"],
  documents: { root },
  route,
  canonicalUrl,
  refuse: ({ message }: Refusal) => ({ contentType: "text/plain; charset=utf-8", body: `${message}\n` }),
  snippets,
  adoptions: [],
  probes: [ROOT],
};

/** The query is no part of the key and does not go upstream; case and a trailing slash are part of it. */
function route({ method, path }: FormatRequest): FileRoute | undefined {
  if (method !== "GET" && method !== "HEAD") return undefined;
  const segments = segmentsOf(path);
  const key = segments?.join("/");
  if (segments === undefined || key === undefined || Buffer.byteLength(key) > MAX_PATH_BYTES) return undefined;
  return {
    kind: "file",
    path: key,
    upstreamPath: encodePath(segments),
    mutable: true,
    contentType: contentTypeOf(key),
  };
}

function canonicalUrl(url: URL): string {
  return url.origin + url.pathname.replace(/\/*$/, "/");
}

function snippets(repositoryUrl: string): Snippet[] {
  return [{ client: "curl", text: `curl -fLO ${repositoryUrl}path/to/file` }];
}
