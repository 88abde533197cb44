import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { MirrorStatsSchema, UpstreamStatsSchema } from "#gen/larder/v1/mirror_service_pb.ts";
import type { CacheStats } from "#internal/cache/cache.ts";
import type { LocalMirror } from "#internal/mirror/create-mirror.ts";
import type { UpstreamStatus } from "#internal/upstream/upstream.ts";

/** What there is to tell of one mirror process. */
export interface MirrorReading {
  readonly cache: CacheStats;
  readonly upstreams: readonly UpstreamStatus[];
  readonly verdicts: ReturnType<LocalMirror["verdicts"]>;
  readonly flights: number;
  readonly startTime: Date;
}

export function toMirrorStatsMessage(reading: MirrorReading): MessageInitShape<typeof MirrorStatsSchema> {
  const { entries, blobs, bytes, maxBytes, evictedEntries } = reading.cache;
  const verdicts = Object.entries(reading.verdicts).map(([verdict, count]) => [verdict, BigInt(count)] as const);
  return {
    entries: BigInt(entries),
    blobs: BigInt(blobs),
    bytes: BigInt(bytes),
    maxBytes: toInt64(maxBytes),
    evictedEntries: BigInt(evictedEntries),
    verdicts: Object.fromEntries(verdicts),
    upstreams: reading.upstreams.map(toUpstreamStats),
    flights: reading.flights,
    startTime: timestampFromDate(reading.startTime),
  };
}

function toUpstreamStats(status: UpstreamStatus): MessageInitShape<typeof UpstreamStatsSchema> {
  const { origin, pathClass, breaker, requests, failures } = status;
  return { origin, pathClass, breaker, requests: BigInt(requests), failures: BigInt(failures) };
}

/** A limit may be "none". */
function toInt64(bytes: number): bigint {
  return Number.isFinite(bytes) ? BigInt(Math.floor(bytes)) : 2n ** 63n - 1n;
}
