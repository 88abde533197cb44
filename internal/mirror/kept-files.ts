import type { Cache, Entry } from "#internal/cache/cache.ts";
import type { FileAsk } from "./file-ask.ts";
import { absence, agesOf, isFresh } from "./freshness.ts";
import { fileKey } from "./keys.ts";
import type { Resolution, Verdict } from "./mirror.ts";

/** Reads files that are in the cache. */
export interface KeptFiles {
  /** What is there and, where it may change, fresh. */
  find(ask: FileAsk): Resolution | undefined;
  kept(entry: Entry, verdict: Verdict, detail: string | undefined): Resolution;
}

export function createKeptFiles({ cache, nowMs }: { readonly cache: Cache; nowMs(): number }): KeptFiles {
  const kept: KeptFiles["kept"] = (entry, verdict, detail) => {
    if (entry.status !== 200) return absence(entry, nowMs(), verdict, detail);
    return {
      verdict,
      status: 200,
      contentType: entry.contentType,
      encoding: "identity",
      ...agesOf(entry, nowMs()),
      lastModified: entry.upstreamLastModified,
      detail,
      body: entry.blob && { kind: "blob", blob: entry.blob },
    };
  };

  const find = ({ repository, route }: FileAsk): Resolution | undefined => {
    const entry = cache.find(fileKey(repository, route));
    if (!entry || !isFresh(entry, nowMs())) return undefined;
    cache.touch(entry.key);
    return kept(entry, "HIT", undefined);
  };

  return { find, kept };
}
