import { availableParallelism } from "node:os";
import type { Cache } from "#internal/cache/cache.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { createMirror, type LocalMirror } from "#internal/mirror/create-mirror.ts";
import { createDeriver } from "#internal/mirror/deriver.ts";
import { createLedger, type LedgerStore } from "#internal/mirror/ledger.ts";
import { SYSTEM_ACTOR } from "#internal/repository/event.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { createUpstream } from "#internal/upstream/create-upstream.ts";
import { proxyOfEnvironment } from "#internal/upstream/proxy-settings.ts";
import type { Upstream, UpstreamAccess } from "#internal/upstream/upstream.ts";
import type { Foundation } from "./process-life.ts";
import { VERSION } from "./version.ts";

/** Most upstreams confirm a document in this time, so that clients get today's; for one that hangs it is all that a build waits. */
const PATIENCE_MS = 250;

/** The only way out of this process. */
export function openUpstream({ configuration, logger, metrics, onStop }: Foundation): Upstream {
  const upstream = createUpstream({
    allowedAddresses: configuration.upstreamAllow,
    timeoutMs: configuration.upstreamTimeoutMs,
    concurrencyPerOrigin: configuration.upstreamConcurrency,
    requestsPerSecondPerOrigin: configuration.upstreamRate || undefined,
    version: VERSION,
    proxy: proxyOfEnvironment(process.env),
    logger,
    metrics,
  });
  onStop(() => upstream.close());
  metrics.observeBreakers(() => upstream.status());
  return upstream;
}

/** What a repository's requests may do, its credential included. */
export function createAccessOf(repositories: RepositoryStore): (repository: Repository) => Promise<UpstreamAccess> {
  return async (repository) => ({
    baseUrl: repository.upstreamUrl,
    credential: repository.hasCredential ? await repositories.readCredential(repository.id) : undefined,
    trusted: repository.upstreamTrusted,
  });
}

/** The mirror of this process, on the machine's cache. */
export function openMirror(
  { configuration, logger, metrics, onStop }: Foundation,
  parts: {
    readonly cache: Cache;
    readonly upstream: Upstream;
    readonly repositories: RepositoryStore;
    readonly ledger: LedgerStore;
    repositoryUrl(repository: Repository): string;
  },
): LocalMirror {
  const { cache, upstream, repositories, repositoryUrl } = parts;
  const ledger = createLedger({
    store: parts.ledger,
    onError: (error) => logger.warn("the ledger of first digests does not answer", { error }),
  });
  onStop(() => ledger.close());
  // One thread stays free for the event loop.
  const deriver = createDeriver(Math.max(1, availableParallelism() - 1));
  onStop(() => deriver.close());
  const mirror = createMirror({
    cache,
    upstream,
    deriver,
    ledger,
    repositoryUrl,
    accessOf: createAccessOf(repositories),
    report({ repository, type, message, facts }) {
      logger.warn(message, { ...facts, repository: repository.id, event: type });
      metrics.countEvent(type);
      repositories
        .appendEvent({
          ...{ repositoryId: repository.id, repositoryUid: repository.uid },
          ...{ type, message, facts, actor: SYSTEM_ACTOR },
        })
        .catch((error: unknown) => logger.error("an event could not be stored", { error }));
    },
    nowMs: Date.now,
    metadataTtlMs: configuration.metadataTtlMs,
    patienceMs: PATIENCE_MS,
    documentMaxBytes: configuration.documentMaxBytes,
    fileMaxBytes: configuration.fileMaxBytes,
  });
  metrics.observeFillsInFlight(mirror.flights);
  return mirror;
}
