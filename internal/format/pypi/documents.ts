import type { DocumentRef } from "../format.ts";
import { encodeSegment } from "../path.ts";

/** The project list: the simple index itself. */
export const LIST: DocumentRef = { kind: "list", key: "simple/", upstreamPath: "" };

/** The simple page of a project. @param project normalised. */
export function projectPage(project: string): DocumentRef {
  return { kind: "project", key: `simple/${project}/`, upstreamPath: `${project}/`, packageName: project };
}

/** The JSON API of a project, or of one version of it; it lies beside the simple index. */
export function jsonApi(project: string, version?: string): DocumentRef {
  const place = version === undefined ? project : `${project}/${encodeSegment(version)}`;
  const key = version === undefined ? project : `${project}/${version}`;
  return { kind: "json", key: `pypi/${key}/json`, upstreamPath: `../pypi/${place}/json`, packageName: project };
}

/** The PEP 740 provenance of one file; it lies beside the simple index. */
export function provenance(project: string, version: string, filename: string): DocumentRef {
  return {
    kind: "provenance",
    key: `integrity/${project}/${version}/${filename}/provenance`,
    upstreamPath: `../${provenancePath(project, version, filename)}`,
    packageName: project,
  };
}

/** Where a file's provenance lies below a repository, percent-encoded. */
export function provenancePath(project: string, version: string, filename: string): string {
  return `integrity/${project}/${encodeSegment(version)}/${encodeSegment(filename)}/provenance`;
}

/** `FileRoute.path` of a file or sidecar. */
export function filePath(project: string, filename: string): string {
  return `files/${project}/${filename}`;
}

/** The same, percent-encoded as it stands in a URL. */
export function fileUrlPath(project: string, filename: string): string {
  return `files/${project}/${encodeSegment(filename)}`;
}
