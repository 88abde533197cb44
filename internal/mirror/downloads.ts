import type { BlobWriter, Entry } from "#internal/cache/cache.ts";
import { Fault, isFault } from "#internal/fault/fault.ts";
import type { FileRoute } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { decode } from "#internal/upstream/decode.ts";
import type { UpstreamResponse } from "#internal/upstream/upstream.ts";
import { checkDigests } from "./digests.ts";
import { createFirstSeen } from "./first-seen.ts";
import { createFlight, type Flight } from "./flight.ts";
import type { FileSource } from "./locate.ts";
import type { MirrorDeps } from "./mirror-deps.ts";
import { resuming } from "./resuming.ts";

/** One file that the upstream has begun to send. */
export interface Download {
  readonly repository: Repository;
  readonly route: FileRoute;
  readonly source: FileSource;
  readonly response: UpstreamResponse;
  /** Asks for it once more, with these headers more: the transfer broke. */
  ask(headers: Readonly<Record<string, string>>): Promise<UpstreamResponse>;
  /** To be stored with its blob when every byte has been checked. */
  readonly entry: Entry;
}

export interface Downloads {
  /**
   * Begins to store the body; the flight can be read at once.
   * @throws Fault LIMIT_EXCEEDED, STORAGE_UNAVAILABLE.
   */
  launch(download: Download): Promise<Flight>;
  /** Under way. */
  count(): number;
}

export function createDownloads(deps: MirrorDeps): Downloads {
  const { cache, nowMs } = deps;
  const firstSeen = createFirstSeen(deps);
  let running = 0;

  const launch = async (download: Download): Promise<Flight> => {
    const { repository, route, source, response } = download;
    const coding = codingOf(response, route.path);
    const contentLength = coding === undefined ? response.headers["content-length"] : undefined;
    const sizeBytes = contentLength === undefined ? source.sizeBytes : Number(contentLength);
    try {
      if (sizeBytes !== undefined && sizeBytes > deps.fileMaxBytes) throw tooLarge(route.path, deps.fileMaxBytes);
      const first = await firstSeen.find(repository, route);
      const writer = await cache.createBlob();
      const flight = createFlight(writer.path, { sizeBytes, digest: source.digests.sha256?.toLowerCase() ?? first });
      void store({ ...download, firstSeen: first }, coding, writer, flight);
      return flight;
    } catch (error) {
      await response.discard();
      throw error;
    }
  };

  const store = async (
    download: Download & { readonly firstSeen: string | undefined },
    coding: string | undefined,
    writer: BlobWriter,
    flight: Flight,
  ): Promise<void> => {
    const { repository, route, source, response, entry, ask } = download;
    // What is decoded on the way is not, byte for byte, what has come.
    const bytes = coding === undefined ? resuming({ response, written: writer, ask }) : response.body;
    running += 1;
    try {
      const check = checkDigests(route.path, { ...source, firstSeen: download.firstSeen });
      for await (const chunk of decode(bytes, coding, deps.fileMaxBytes)) {
        check.update(chunk);
        await writer.write(chunk);
        flight.advance(writer.writtenBytes);
      }
      check.finish();
      const blob = await writer.commit();
      await firstSeen.record(repository, route, response.url, blob);
      await cache.put({ ...entry, blob, storedAtMs: nowMs(), checkedAtMs: nowMs() });
      flight.land(cache.blobPath(blob.digest), blob.sizeBytes);
    } catch (error) {
      // What cannot be removed is swept at the next start; the readers must hear of the failure in any case.
      await writer.abort().catch(() => undefined);
      if (isFault(error, "DIGEST_MISMATCH")) report(download, error);
      flight.fail(error);
    } finally {
      running -= 1;
    }
  };

  const report = ({ repository, route, source }: Download, { message, facts }: Fault): void =>
    deps.report({
      repository,
      type: "DIGEST_MISMATCH",
      message,
      facts: { ...facts, path: route.path, upstreamUrl: source.url },
    });

  return { launch, count: () => running };
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
