import type { BlobWriter, Entry } from "#internal/cache/cache.ts";
import { Fault, isFault } from "#internal/fault/fault.ts";
import type { FileRoute } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { decode } from "#internal/upstream/decode.ts";
import type { UpstreamResponse } from "#internal/upstream/upstream.ts";
import { checkDigests } from "./digests.ts";
import { offline, validators } from "./documents.ts";
import { createFlight, type Flight } from "./flight.ts";
import { absence, agesOf, isFresh, isOutage } from "./freshness.ts";
import { fileKey } from "./keys.ts";
import type { FileSource } from "./locate.ts";
import type { Resolution, Verdict } from "./mirror.ts";
import { type MirrorDeps, NEGATIVE_TTL_MS } from "./mirror-deps.ts";
import { shareRuns } from "./share-runs.ts";

/** Asks for one file. */
export interface FileAsk {
  readonly repository: Repository;
  readonly route: FileRoute;
  /** Its stored bytes turned out to be gone. */
  readonly lost: boolean;
}

export interface Files {
  find(ask: FileAsk): Resolution | undefined;
  resolve(ask: FileAsk): Promise<Resolution>;
  /** Fetches under way. */
  flights(): number;
}

/** A resolution, and the fetch that it began. */
interface Started {
  readonly resolution: Resolution;
  readonly flight?: Flight;
}

/** The immutable side of the mirror: one fetch per file, verified before it is kept, streamed to everybody meanwhile. */
export function createFiles(
  deps: MirrorDeps,
  locate: (repository: Repository, route: FileRoute) => Promise<FileSource>,
): Files {
  const { cache, upstream, nowMs } = deps;
  const share = shareRuns<Started>(({ flight }) => flight?.landed);
  let flights = 0;

  const find = ({ repository, route }: FileAsk): Resolution | undefined => {
    const entry = cache.find(fileKey(repository, route));
    if (!entry || !isFresh(entry, nowMs())) return undefined;
    cache.touch(entry.key);
    return kept(entry, "HIT", undefined);
  };

  const resolve = async (ask: FileAsk): Promise<Resolution> => {
    if (ask.lost) await cache.remove(fileKey(ask.repository, ask.route));
    const found = find(ask);
    if (found) return found;
    const { value, joined } = await share(fileKey(ask.repository, ask.route), () => start(ask));
    return joined ? { ...value.resolution, detail: value.resolution.detail ?? "joined" } : value.resolution;
  };

  const start = async (ask: FileAsk): Promise<Started> => {
    const { repository, route } = ask;
    const entry = cache.find(fileKey(repository, route));
    try {
      const source = await locate(repository, route);
      if (repository.upstreamMode === "OFFLINE") throw offline(repository);
      const response = await upstream.request({
        method: "GET",
        url: source.url,
        headers: {
          accept: "*/*",
          "accept-encoding": "identity",
          ...(entry?.status === 200 && entry.upstreamUrl === source.url && validators(entry)),
        },
        pathClass: "file",
        access: await deps.accessOf(repository),
      });
      return await settle(ask, entry, source, response);
    } catch (error) {
      if (entry?.status === 200 && isOutage(error)) return { resolution: kept(entry, "STALE", error.reason) };
      throw error;
    }
  };

  const settle = async (
    ask: FileAsk,
    entry: Entry | undefined,
    source: FileSource,
    response: UpstreamResponse,
  ): Promise<Started> => {
    if (response.status === 200) return launch(ask, source, response);
    await response.discard();
    if (response.status === 304 && entry) {
      const confirmed = await cache.update(entry.key, (current) => ({ ...current, checkedAtMs: nowMs() }));
      return { resolution: kept(confirmed ?? entry, "REVALIDATED", undefined) };
    }
    if (response.status !== 404 && response.status !== 410) {
      throw new Fault("UPSTREAM_INVALID", `the upstream answered ${response.status} for ${ask.route.path}`);
    }
    if (entry?.status === 200) return { resolution: kept(entry, "STALE", "UPSTREAM_NOT_FOUND") };
    const negative = { ...newEntry(ask, response), freshForMs: NEGATIVE_TTL_MS };
    await cache.put(negative);
    return { resolution: kept(negative, "MISS", undefined) };
  };

  /** Begins the download and answers with the growing file. */
  const launch = async (ask: FileAsk, source: FileSource, response: UpstreamResponse): Promise<Started> => {
    const coding = codingOf(response, ask.route.path);
    const contentLength = coding === undefined ? response.headers["content-length"] : undefined;
    const sizeBytes = contentLength === undefined ? source.sizeBytes : Number(contentLength);
    if (sizeBytes !== undefined && sizeBytes > deps.fileMaxBytes) {
      await response.discard();
      throw tooLarge(ask.route.path, deps.fileMaxBytes);
    }
    const writer = await cache.createBlob();
    const flight = createFlight(writer.path, { sizeBytes, digest: source.digests.sha256?.toLowerCase() });
    const entry = newEntry(ask, response);
    void download(ask, source, decode(response.body, coding, deps.fileMaxBytes), writer, entry, flight);
    return {
      flight,
      resolution: { ...kept(entry, "MISS", undefined), body: { kind: "stream", stream: flight } },
    };
  };

  const download = async (
    ask: FileAsk,
    source: FileSource,
    body: AsyncIterable<Buffer>,
    writer: BlobWriter,
    entry: Entry,
    flight: Flight,
  ): Promise<void> => {
    flights += 1;
    try {
      const check = checkDigests(ask.route.path, source.digests, source.sizeBytes);
      for await (const chunk of body) {
        check.update(chunk);
        await writer.write(chunk);
        flight.advance(writer.writtenBytes);
      }
      check.finish();
      const blob = await writer.commit();
      await cache.put({ ...entry, blob, storedAtMs: nowMs(), checkedAtMs: nowMs() });
      flight.land(cache.blobPath(blob.digest), blob.sizeBytes);
    } catch (error) {
      await writer.abort();
      if (isFault(error, "DIGEST_MISMATCH")) report(ask, source, error);
      flight.fail(error);
    } finally {
      flights -= 1;
    }
  };

  const report = ({ repository, route }: FileAsk, { url }: FileSource, { message, facts }: Fault): void =>
    deps.report({
      repository,
      type: "DIGEST_MISMATCH",
      message,
      facts: { ...facts, path: route.path, upstreamUrl: url },
    });

  const newEntry = ({ repository, route }: FileAsk, response: UpstreamResponse): Entry => ({
    key: fileKey(repository, route),
    kind: "file",
    status: response.status,
    blob: undefined,
    contentType: response.headers["content-type"] ?? route.contentType,
    upstreamUrl: response.url,
    upstreamEtag: response.headers.etag,
    upstreamLastModified: response.headers["last-modified"],
    storedAtMs: nowMs(),
    checkedAtMs: nowMs(),
    freshForMs: route.mutable ? (repository.metadataTtlMs ?? deps.metadataTtlMs) : undefined,
    packageName: route.packageName,
    version: route.version,
    representations: {},
  });

  const kept = (entry: Entry, verdict: Verdict, detail: string | undefined): Resolution =>
    entry.status === 200
      ? {
          verdict,
          status: 200,
          contentType: entry.contentType,
          encoding: "identity",
          ...agesOf(entry, nowMs()),
          lastModified: entry.upstreamLastModified,
          detail,
          body: entry.blob && { kind: "blob", blob: entry.blob },
        }
      : absence(entry, nowMs(), verdict, detail);

  return { find, resolve, flights: () => flights };
}

/**
 * Identity was asked for. What is coded all the same is decoded, but for servers that call a compressed file's own compression a content
 * coding: those bytes are the file.
 */
function codingOf(response: UpstreamResponse, path: string): string | undefined {
  const coding = response.headers["content-encoding"];
  return coding !== undefined && /\.(t?gz|tbz2?|br|zst)$/i.test(path) ? undefined : coding;
}

function tooLarge(path: string, limitBytes: number): Fault {
  return new Fault("LIMIT_EXCEEDED", `${path} is larger than ${limitBytes} bytes`, { limitBytes: String(limitBytes) });
}
