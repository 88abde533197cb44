import type { Entry } from "#internal/cache/cache.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { FileRoute } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { UpstreamResponse } from "#internal/upstream/upstream.ts";
import { createDamage } from "./damage.ts";
import { createDownloads, type Download } from "./downloads.ts";
import type { FileAsk } from "./file-ask.ts";
import type { Flight } from "./flight.ts";
import { isOutage } from "./freshness.ts";
import { createKeptFiles } from "./kept-files.ts";
import { fileKey } from "./keys.ts";
import type { FileSource } from "./locate.ts";
import type { Resolution } from "./mirror.ts";
import { type MirrorDeps, NEGATIVE_TTL_MS } from "./mirror-deps.ts";
import { inTime, patienceFor } from "./patience.ts";
import { type SharedRun, shareRuns } from "./share-runs.ts";
import { checkOnline, confirmed, validators } from "./upstream-terms.ts";

export interface Files {
  resolve(ask: FileAsk): Promise<Resolution>;
  /** Fetches under way. */
  flights(): number;
}

/** A resolution, and the fetch that it began. */
interface Started {
  readonly resolution: Resolution;
  readonly flight?: Flight;
}

/** A changed file up to this size is shown when it has landed: should the upstream break off, the old copy is sent instead. */
const LAND_FIRST_BYTES = 64 * 1024 * 1024;

/** One fetch per file, verified before it is kept, streamed to everybody meanwhile. */
export function createFiles(
  deps: MirrorDeps,
  locate: (repository: Repository, route: FileRoute) => Promise<FileSource>,
): Files {
  const { cache, upstream, nowMs } = deps;
  const { find, kept } = createKeptFiles(deps);
  const downloads = createDownloads(deps);
  const damage = createDamage(deps);
  const share = shareRuns<Started>(({ flight }) => flight?.landed);

  const resolve = async (ask: FileAsk): Promise<Resolution> => {
    const { repository, route } = ask;
    const key = fileKey(repository, route);
    if (ask.lost) await forgetLost(repository, key);
    const found = find(ask);
    if (found) return found;
    const entry = cache.find(key);
    const started = share(key, () => start(ask, entry));
    const patience = patienceFor(deps, entry, repository, entry?.upstreamUrl ?? "", "file");
    if (!patience) return resolutionOfRun(await started);
    const run = await inTime(started, patience.limitMs);
    return run ? resolutionOfRun(run) : kept(patience.old, "STALE", patience.detail);
  };

  const forgetLost = async (repository: Repository, key: string): Promise<void> => {
    const blob = cache.find(key)?.blob;
    if (blob && (await damage.inspect({ repository, key }, blob)) !== "intact") await cache.remove(key);
  };

  const start = async (ask: FileAsk, entry: Entry | undefined): Promise<Started> => {
    const { repository, route } = ask;
    try {
      const source = await locate(repository, route);
      checkOnline(repository);
      const request = requestOf(repository, source);
      const response = await request(validators(entry, source.url));
      if (response.status === 200) return await receive(ask, entry, { source, response, ask: request });
      await response.discard();
      return { resolution: await settle(ask, entry, response) };
    } catch (error) {
      if (entry?.status === 200 && isOutage(error)) return { resolution: kept(entry, "STALE", error.reason) };
      throw error;
    }
  };

  const requestOf =
    (repository: Repository, { url }: FileSource) =>
    async (headers: Readonly<Record<string, string>>): Promise<UpstreamResponse> =>
      upstream.request({
        method: "GET",
        url,
        headers: { accept: "*/*", "accept-encoding": "identity", ...headers },
        pathClass: "file",
        access: await deps.accessOf(repository),
      });

  /** Answers with the growing file, or, where there is an old copy, with the whole one. */
  const receive = async (
    ask: FileAsk,
    old: Entry | undefined,
    begun: Pick<Download, "source" | "response" | "ask">,
  ): Promise<Started> => {
    const entry = newEntry(ask, begun.response, freshForMs(ask));
    const { repository, route } = ask;
    const flight = await downloads.launch({ repository, route, entry, ...begun });
    if (old?.status !== 200 || (flight.sizeBytes ?? 0) > LAND_FIRST_BYTES) {
      return { flight, resolution: { ...kept(entry, "MISS", undefined), body: { kind: "stream", stream: flight } } };
    }
    await flight.landed;
    return { resolution: kept(cache.find(entry.key) ?? old, "MISS", undefined) };
  };

  /** The definite answers without a body. */
  const settle = async (ask: FileAsk, entry: Entry | undefined, response: UpstreamResponse): Promise<Resolution> => {
    if (response.status === 304 && entry) {
      const change = (current: Entry) => confirmed(current, response, nowMs(), freshForMs(ask));
      return kept((await cache.update(entry.key, change)) ?? change(entry), "REVALIDATED", undefined);
    }
    if (response.status !== 404 && response.status !== 410) {
      throw new Fault("UPSTREAM_INVALID", `the upstream answered ${response.status} for ${ask.route.path}`);
    }
    if (entry?.status === 200) return kept(entry, "STALE", "UPSTREAM_NOT_FOUND");
    const negative = newEntry(ask, response, NEGATIVE_TTL_MS);
    await cache.put(negative);
    return kept(negative, "MISS", undefined);
  };

  const freshForMs = ({ repository, route }: FileAsk): number | undefined =>
    route.mutable ? (repository.metadataTtlMs ?? deps.metadataTtlMs) : undefined;

  const newEntry = (
    { repository, route }: FileAsk,
    { status, url, headers }: UpstreamResponse,
    forMs: number | undefined,
  ): Entry => ({
    key: fileKey(repository, route),
    kind: "file",
    status,
    blob: undefined,
    contentType: headers["content-type"] ?? route.contentType,
    upstreamUrl: url,
    upstreamEtag: headers.etag,
    upstreamLastModified: headers["last-modified"],
    storedAtMs: nowMs(),
    checkedAtMs: nowMs(),
    freshForMs: forMs,
    packageName: route.packageName,
    version: route.version,
    representations: {},
  });

  return { resolve, flights: downloads.count };
}

function resolutionOfRun({ value: { resolution }, joined }: SharedRun<Started>): Resolution {
  return joined ? { ...resolution, detail: resolution.detail ?? "joined" } : resolution;
}
