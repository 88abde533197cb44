import { MirrorService } from "#gen/larder/v1/mirror_service_pb.ts";
import type { Cache } from "#internal/cache/cache.ts";
import { everyRepository } from "#internal/database/every-repository.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Format } from "#internal/format/format.ts";
import type { LocalMirror } from "#internal/mirror/create-mirror.ts";
import type { Upstream } from "#internal/upstream/upstream.ts";
import { actorOf } from "./call.ts";
import { toEntryMessage } from "./entry-message.ts";
import { readUpstreamMode, UPSTREAM_MODES } from "./enum-message.ts";
import { RESOLVE_MESSAGE_MAX_BYTES } from "./limits.ts";
import { toMirrorStatsMessage } from "./mirror-stats-message.ts";
import { openReadable } from "./open-readable.ts";
import { createReadTokens } from "./read-tokens.ts";
import { createRepositoryEntries } from "./repository-entries.ts";
import { toRepositoryMessage } from "./repository-message.ts";
import { toResolutionMessage } from "./resolution-message.ts";
import { readResolveRequest } from "./resolve-request.ts";
import { readEntryName, readRepositoryName, readRepositoryNameOrAll } from "./resource-name.ts";
import { type RpcService, rpcService } from "./rpc-service.ts";
import { toVerifyMessage } from "./verify-message.ts";

export interface MirrorServiceDeps {
  readonly repositories: Pick<RepositoryStore, "get" | "list" | "setUpstreamMode">;
  readonly mirror: LocalMirror;
  readonly cache: Cache;
  readonly upstream: Pick<Upstream, "status">;
  readonly formats: ReadonlyMap<string, Format>;
  /** Of this process. */
  readonly startTime: Date;
  readonly nowMs: () => number;
}

/** larder.v1.MirrorService: unpack, ask, pack. */
export function createMirrorService(deps: MirrorServiceDeps): RpcService {
  const { repositories, mirror, cache, upstream, formats, startTime } = deps;
  const tokens = createReadTokens(deps.nowMs);
  const entries = createRepositoryEntries(cache);
  // Bytes of packages are compressed already, and compression would cost more than the copy. Resolve takes the body of a POST.
  const options = { readMaxBytes: RESOLVE_MESSAGE_MAX_BYTES, compressMinBytes: Number.MAX_SAFE_INTEGER };

  return rpcService(
    MirrorService,
    {
      async resolve(message) {
        const repository = await repositories.get(readRepositoryName(message.repository, "repository"));
        const request = await readResolveRequest(message, repository, formats);
        const resolution = (request.lost ? undefined : mirror.find(request)) ?? (await mirror.resolve(request));
        const token = resolution.body ? tokens.issue({ request, body: resolution.body }) : "";
        return toResolutionMessage(resolution, token);
      },
      async *read({ readToken, offset, length }) {
        if (offset < 0n || length < 0n) {
          throw new Fault("ARGUMENT_INVALID", "offset and length must not be negative", { field: "offset" });
        }
        const readable = tokens.find(readToken);
        if (!readable) throw new Fault("ENTRY_NOT_FOUND", "the read token is not known or has expired: resolve again");
        const end = length === 0n ? undefined : Number(offset + length);
        const bytes = await openReadable(readable, { start: Number(offset), end }, mirror, cache);
        for await (const data of bytes) yield { data };
      },
      async getEntry({ name }) {
        const { repositoryId, item } = readEntryName(name);
        const repository = await repositories.get(repositoryId);
        return toEntryMessage(repositoryId, item, entries.get(repository, item));
      },
      async listEntries({ parent, prefix, pageSize, pageToken }) {
        const repository = await repositories.get(readRepositoryName(parent, "parent"));
        const page = entries.list(repository, prefix, { pageSize, pageToken });
        const messages = page.items.map(({ key, entry }) => toEntryMessage(repository.id, key, entry));
        return { entries: messages, nextPageToken: page.nextPageToken };
      },
      async purgeEntries({ parent, prefix, all }, { signal }) {
        const id = readRepositoryName(parent, "parent");
        if (prefix === "" && !all) {
          throw new Fault("ARGUMENT_INVALID", "set prefix, or all to purge the whole repository", { field: "prefix" });
        }
        const { count, bytes } = await entries.purge(await repositories.get(id), prefix, signal);
        return { purgedCount: BigInt(count), purgedBytes: BigInt(bytes) };
      },
      async *verifyCache({ name, heal }, { signal }) {
        const id = readRepositoryNameOrAll(name);
        const chosen = id === undefined ? everyRepository(repositories) : [await repositories.get(id)];
        for await (const progress of mirror.verify({ repositories: chosen, heal, signal })) {
          yield toVerifyMessage(progress);
        }
      },
      async setUpstreamMode({ name, upstreamMode }, context) {
        const id = readRepositoryNameOrAll(name);
        const mode = readUpstreamMode(upstreamMode, "upstream_mode");
        if (!mode) throw new Fault("ARGUMENT_INVALID", "upstream_mode is required", { field: "upstream_mode" });
        const target = id === undefined ? "all" : { id };
        const [repository] = await repositories.setUpstreamMode(target, mode, actorOf(context));
        if (id === undefined || !repository) return { name, upstreamMode: UPSTREAM_MODES[mode] };
        return toRepositoryMessage(repository);
      },
      getMirrorStats: () =>
        toMirrorStatsMessage({
          cache: cache.stats(),
          upstreams: upstream.status(),
          verdicts: mirror.verdicts(),
          flights: mirror.flights(),
          startTime,
        }),
    },
    options,
  );
}
