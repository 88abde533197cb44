import type { Entry } from "#internal/cache/cache.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { FileRoute } from "#internal/format/format.ts";
import { formats } from "#internal/format/formats.ts";
import { encodePath } from "#internal/format/path.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { Files } from "./files.ts";
import { fileKey } from "./keys.ts";
import type { MirrorDeps } from "./mirror-deps.ts";

/**
 * Makes the way to fetch a damaged file as if a client had asked for it. The entry is forgotten first: when the fetch fails, the next client
 * fetches it.
 */
export function createFileHealing({ cache }: Pick<MirrorDeps, "cache">, files: Pick<Files, "resolve">) {
  /** @throws Fault why it could not be had. */
  return async (repository: Repository, entry: Entry): Promise<void> => {
    const route = routeOf(repository, entry);
    if (!route) {
      await cache.remove(entry.key);
      throw new Fault("ROUTE_NOT_FOUND", "no path of this registry leads to it any more");
    }
    const { body, status } = await files.resolve({ repository, route, lost: true });
    if (status !== 200) throw new Fault("UPSTREAM_NOT_FOUND", "the upstream does not have it any more");
    if (body?.kind !== "stream") return;
    // It has landed, and was verified, when its last byte comes.
    const { sizeBytes = 1 } = body.stream;
    for await (const _ of body.stream.read(Math.max(0, sizeBytes - 1), undefined));
  };
}

/** The route that has led to the entry. */
function routeOf(repository: Repository, { key }: Entry): FileRoute | undefined {
  const path = encodePath(key.slice(`${repository.uid}/file/`.length).split("/"));
  const asked = { method: "GET", path, query: "", headers: {}, caller: undefined };
  const route = formats.get(repository.format)?.route(asked);
  return route?.kind === "file" && fileKey(repository, route) === key ? route : undefined;
}
