import type { AnswerRoute, DocumentRef, FileRoute, FormatRequest, RedirectRoute, Route } from "../format.ts";
import { segmentsOf } from "../path.ts";
import { contentTypeOf, distributionOf, isFilename, versionOf } from "./distribution-file.ts";
import { filePath, fileUrlPath, jsonApi, LIST, projectPage, provenance } from "./documents.ts";
import { keptQuery, negotiatedType } from "./media-types.ts";
import { isProjectName, isVersion, normaliseName } from "./names.ts";
import { refuse } from "./refuse.ts";

/** One request below the repository as a route (protocols.md §2.1). Reads only: uploads are no path of a mirror. */
export function route(request: FormatRequest): Route | undefined {
  if (request.method !== "GET" && request.method !== "HEAD") return undefined;
  const [area, ...rest] = segmentsOf(request.path) ?? [];
  if (area === "simple") return simpleRoute(rest, request);

  const [name = "", ...below] = rest;
  if (!isProjectName(name)) return undefined;
  const project = normaliseName(name);
  const found = projectRoute(area, project, below);
  // One spelling, one cache key: the others are sent there.
  return found && name !== project ? redirect(found.canonicalPath) : found?.route;
}

interface Found {
  readonly route: Route;
  /** Below the repository, percent-encoded. */
  readonly canonicalPath: string;
}

function projectRoute(area: string | undefined, project: string, below: readonly string[]): Found | undefined {
  if (area === "files" && below.length === 1) return fileRoute(project, below[0] ?? "");
  if (area === "pypi" && below.at(-1) === "json" && below.length <= 2) {
    const version = below.length === 2 ? below[0] : undefined;
    return version === undefined || isVersion(version) ? besideIndex(jsonApi(project, version)) : undefined;
  }
  if (area === "integrity" && below.length === 3 && below[2] === "provenance") {
    const [version = "", filename = ""] = below;
    return isVersion(version) && isFilename(filename) ? besideIndex(provenance(project, version, filename)) : undefined;
  }
  return undefined;
}

/** A document that lies beside the simple index upstream, and at the same place below our repository. */
function besideIndex(document: DocumentRef): Found {
  const route: Route = { kind: "document", document, representation: "json" };
  return { route, canonicalPath: document.upstreamPath.slice("../".length) };
}

function fileRoute(project: string, filename: string): Found | undefined {
  const distribution = distributionOf(filename);
  if (!isFilename(distribution)) return undefined;
  const version = versionOf(distribution, project);
  const route: FileRoute = {
    kind: "file",
    path: filePath(project, filename),
    announcedBy: projectPage(project),
    mutable: false,
    contentType: contentTypeOf(filename),
    packageName: project,
    ...(version !== undefined && { version }),
  };
  return { route, canonicalPath: fileUrlPath(project, filename) };
}

function simpleRoute(segments: readonly string[], request: FormatRequest): Route | undefined {
  const [name, slash] = segments;
  if (name === undefined) return redirect(`simple/${keptQuery(request.query)}`);
  if (name === "") return pageRoute(LIST, request);
  if (!isProjectName(name) || segments.length > 2 || (slash !== undefined && slash !== "")) return undefined;

  const project = normaliseName(name);
  if (name !== project || slash === undefined) return redirect(`simple/${project}/${keptQuery(request.query)}`);
  return pageRoute(projectPage(project), request);
}

function pageRoute(document: DocumentRef, request: FormatRequest): Route {
  const type = negotiatedType(request);
  return type === undefined ? notAcceptable() : { kind: "document", document, representation: type };
}

function notAcceptable(): AnswerRoute {
  const message = "a simple page is text/html or application/vnd.pypi.simple.v1+html or +json: ask for one of them";
  return { kind: "answer", status: 406, ...refuse({ status: 406, reason: "NOT_ACCEPTABLE", message }) };
}

function redirect(location: string): RedirectRoute {
  return { kind: "redirect", location };
}
