import type { Cache } from "#internal/cache/cache.ts";
import { documentAsk } from "./document-ask.ts";
import { fileAsk } from "./file-ask.ts";
import { createKeptDocuments } from "./kept-documents.ts";
import { createKeptFiles } from "./kept-files.ts";
import type { Mirror } from "./mirror.ts";
import type { MirrorDeps } from "./mirror-deps.ts";

/** The part of a mirror that needs nothing but the cache: what is kept and fresh. Every process that shares the disk may have one. */
export function createFind(
  deps: { readonly cache: Cache } & Pick<MirrorDeps, "repositoryUrl" | "nowMs">,
): Mirror["find"] {
  const documents = createKeptDocuments(deps);
  const files = createKeptFiles(deps);
  return (request) =>
    request.route.kind === "file"
      ? files.find(fileAsk(request, request.route))
      : documents.find(documentAsk(request, request.route));
}
