import { createFind } from "./create-find.ts";
import { documentAsk } from "./document-ask.ts";
import { createDocuments } from "./documents.ts";
import { fileAsk } from "./file-ask.ts";
import { createFiles } from "./files.ts";
import { createLocate } from "./locate.ts";
import type { Mirror, Resolution, Verdict } from "./mirror.ts";
import type { MirrorDeps } from "./mirror-deps.ts";
import { noticingRefusals } from "./noticing-refusals.ts";
import { createVerify, type Verify } from "./verify.ts";

/** The mirror of this process, and what it has done since its start. */
export interface LocalMirror extends Mirror {
  readonly verify: Verify;
  verdicts(): Readonly<Record<Verdict, number>>;
  /** Fetches under way. */
  flights(): number;
}

export function createMirror(deps: MirrorDeps): LocalMirror {
  const find = createFind(deps);
  const documents = createDocuments(deps);
  const files = createFiles(deps, createLocate(deps, documents));
  const verdicts: Record<Verdict, number> = { HIT: 0, MISS: 0, STALE: 0, REVALIDATED: 0, NEGATIVE: 0, BYPASS: 0 };

  const counted = <T extends Resolution | undefined>(resolution: T): T => {
    if (resolution) verdicts[resolution.verdict] += 1;
    return resolution;
  };

  const resolve = noticingRefusals(
    (request) =>
      request.route.kind === "file"
        ? files.resolve(fileAsk(request, request.route))
        : documents.resolve(documentAsk(request, request.route)),
    deps,
  );

  return {
    find: (request) => counted(find(request)),
    resolve: async (request) => counted(await resolve(request)),
    verdicts: () => ({ ...verdicts }),
    flights: files.flights,
    verify: createVerify(deps, files),
  };
}
