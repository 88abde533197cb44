import { createHash } from "node:crypto";
import type { DocumentRef, FileRoute } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";

/** Cache keys of one repository's objects. */
export function documentKey(repository: Repository, document: DocumentRef): string {
  return `${repository.uid}/document/${document.kind}/${document.key}`;
}

export function fileKey(repository: Repository, route: Pick<FileRoute, "path">): string {
  return `${repository.uid}/file/${route.path}`;
}

/** A query is the same when its question and its body are. */
export function queryKey(repository: Repository, document: DocumentRef, body: Buffer): string {
  return `${repository.uid}/query/${document.kind}/${document.key}/${createHash("sha256").update(body).digest("hex")}`;
}

/** Name of a derived body within its entry. `revision` changes when the same original would be derived differently. */
export function representationKey(representation: string, encoding: string, revision: string): string {
  return `${representation}|${encoding}|${revision}`;
}
