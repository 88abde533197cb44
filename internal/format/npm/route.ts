import type { AnswerRoute, DocumentRef, FormatRequest, QueryRoute, Route } from "../format.ts";
import { preferred } from "../negotiate.ts";
import { segmentsOf } from "../path.ts";
import { ABBREVIATED_TYPE, JSON_TYPE } from "./media-type.ts";
import { escapedName, takePackageName, withoutScope, withPlainScopes } from "./package-name.ts";
import { normalisedSearch } from "./search-query.ts";

const MAX_VERSION_LENGTH = 256;
const MAX_FILE_LENGTH = 512;

/** The questions with a body, by path. */
const QUERIES: ReadonlyMap<string, string> = new Map([
  ["-/npm/v1/security/advisories/bulk", "advisories"],
  ["-/npm/v1/security/audits", "audit"],
  ["-/npm/v1/security/audits/quick", "audit"],
]);

export function route(request: FormatRequest): Route | undefined {
  if (request.method === "POST") return queryRoute(request.path);
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;

  const segments = segmentsOf(withPlainScopes(request.path));
  if (segments === undefined || segments.at(-1) === "") return undefined;
  // There is a package called "-"; its tarballs are below "-/-/".
  if (segments[0] === "-" && segments.length > 1 && segments[1] !== "-") return serviceRoute(segments, request);
  return packageRoute(segments, request);
}

/** The one document that answers everything about a package. */
export function packumentRef(packageName: string): DocumentRef {
  return { kind: "packument", key: packageName, upstreamPath: escapedName(packageName), packageName };
}

function packageRoute(segments: readonly string[], { headers }: FormatRequest): Route | undefined {
  const { name, rest } = takePackageName(segments) ?? {};
  if (name === undefined || rest === undefined) return undefined;

  const document = packumentRef(name);
  const [version, ...more] = rest;
  if (version === undefined) {
    const type = preferred(headers.accept, [JSON_TYPE, ABBREVIATED_TYPE]);
    return { kind: "document", document, representation: type === ABBREVIATED_TYPE ? "abbreviated" : "full" };
  }
  if (version === "-") return fileRoute(name, more);
  if (more.length > 0 || version.length > MAX_VERSION_LENGTH) return undefined;
  return { kind: "document", document, representation: `version/${version}` };
}

function fileRoute(packageName: string, segments: readonly string[]): Route | undefined {
  const scope = packageName.slice(0, packageName.indexOf("/"));
  // Some repository managers repeat the scope: "@s/n/-/@s/n-1.0.0.tgz".
  const [file = "", ...more] = scope !== "" && segments[0] === scope ? segments.slice(1) : segments;
  if (more.length > 0 || !file.endsWith(".tgz") || Buffer.byteLength(file) > MAX_FILE_LENGTH) return undefined;

  const prefix = `${withoutScope(packageName)}-`;
  return {
    kind: "file",
    path: `${packageName}/-/${file}`,
    announcedBy: packumentRef(packageName),
    mutable: false,
    contentType: "application/octet-stream",
    packageName,
    ...(file.startsWith(prefix) && { version: file.slice(prefix.length, -".tgz".length) }),
  };
}

/** `/-/…`: what a registry answers besides packages. Account features are absent, so 404: clients put up with it. */
function serviceRoute(segments: readonly string[], request: FormatRequest): Route | undefined {
  const path = segments.join("/");
  if (path === "-/ping") return answer(200, {});
  if (path === "-/whoami") return whoami(request.caller);
  if (path === "-/npm/v1/keys") return full({ kind: "keys", key: path, upstreamPath: path });
  if (path === "-/v1/search") return searchRoute(path, request.query);
  if (path.startsWith("-/npm/v1/attestations/")) return attestationsRoute(segments.slice(4).join("/"));
  if (segments[1] !== "package") return undefined;

  const { name, rest } = takePackageName(segments.slice(2)) ?? {};
  if (name === undefined || rest?.join("/") !== "dist-tags") return undefined;
  return { kind: "document", document: packumentRef(name), representation: "dist-tags" };
}

function full(document: DocumentRef): Route {
  return { kind: "document", document, representation: "full" };
}

function searchRoute(path: string, query: string): Route | undefined {
  const normalised = normalisedSearch(query);
  if (normalised === undefined) return undefined;
  return full({ kind: "search", key: `${path}?${normalised}`, upstreamPath: `${path}?${normalised}` });
}

/** `spec` is "name@version"; pnpm sends the scope's slash plainly. */
function attestationsRoute(spec: string): Route | undefined {
  const at = spec.lastIndexOf("@");
  const { name, rest } = takePackageName(spec.slice(0, Math.max(at, 0)).split("/")) ?? {};
  const version = spec.slice(at + 1);
  if (name === undefined || rest?.length !== 0 || !/^[\w.+-]{1,256}$/.test(version)) return undefined;
  return full({
    kind: "attestations",
    key: `-/npm/v1/attestations/${name}@${version}`,
    upstreamPath: `-/npm/v1/attestations/${escapedName(name)}@${version}`,
    packageName: name,
  });
}

function queryRoute(path: string): QueryRoute | undefined {
  const kind = QUERIES.get(path);
  return kind === undefined ? undefined : { kind: "query", document: { kind, key: path, upstreamPath: path } };
}

function whoami(caller: string | undefined): AnswerRoute {
  return caller === undefined ? answer(401, { error: "nobody is signed in" }) : answer(200, { username: caller });
}

function answer(status: number, body: object): AnswerRoute {
  return { kind: "answer", status, contentType: JSON_TYPE, body: JSON.stringify(body) };
}
