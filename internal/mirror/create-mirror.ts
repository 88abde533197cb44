import type { FileRoute } from "#internal/format/format.ts";
import { createDocuments, type DocumentAsk } from "./documents.ts";
import { createFiles, type FileAsk } from "./files.ts";
import { documentKey, queryKey } from "./keys.ts";
import { createLocate } from "./locate.ts";
import type { Mirror, MirrorRequest, Resolution, Verdict } from "./mirror.ts";
import type { MirrorDeps } from "./mirror-deps.ts";

/** The mirror of this process, and what it has done since its start. */
export interface LocalMirror extends Mirror {
  verdicts(): Readonly<Record<Verdict, number>>;
  /** Fetches under way. */
  flights(): number;
}

export function createMirror(deps: MirrorDeps): LocalMirror {
  const documents = createDocuments(deps);
  const files = createFiles(deps, createLocate(deps, documents));
  const verdicts: Record<Verdict, number> = { HIT: 0, MISS: 0, STALE: 0, REVALIDATED: 0, NEGATIVE: 0, BYPASS: 0 };

  const counted = <T extends Resolution | undefined>(resolution: T): T => {
    if (resolution) verdicts[resolution.verdict] += 1;
    return resolution;
  };

  return {
    find: (request) =>
      counted(
        request.route.kind === "file"
          ? files.find(fileAsk(request, request.route))
          : documents.find(documentAsk(request)),
      ),
    resolve: async (request) =>
      counted(
        request.route.kind === "file"
          ? await files.resolve(fileAsk(request, request.route))
          : await documents.resolve(documentAsk(request)),
      ),
    verdicts: () => ({ ...verdicts }),
    flights: files.flights,
  };
}

function fileAsk({ repository, lost = false }: MirrorRequest, route: FileRoute): FileAsk {
  return { repository, route, lost };
}

function documentAsk({ repository, route, body, gzip, lost = false }: MirrorRequest): DocumentAsk {
  if (route.kind === "file") throw new Error("a file is not a document");
  const { document } = route;
  if (route.kind === "document") {
    const key = documentKey(repository, document);
    return { repository, document, key, representation: route.representation, gzip, body: undefined, lost };
  }
  const question = body ?? Buffer.alloc(0);
  return {
    repository,
    document,
    key: queryKey(repository, document, question),
    representation: "answer",
    gzip,
    body: question,
  };
}
