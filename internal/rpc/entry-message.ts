import type { MessageInitShape } from "@bufbuild/protobuf";
import type { EntrySchema } from "#gen/larder/v1/mirror_service_pb.ts";
import type { Entry } from "#internal/cache/cache.ts";
import { entryName } from "./resource-name.ts";
import { timestamps } from "./timestamp-message.ts";

/** `key` is the entry's within its repository: the repository's uid stays inside. */
export function toEntryMessage(repositoryId: string, key: string, entry: Entry): MessageInitShape<typeof EntrySchema> {
  const { kind, status, blob, contentType, upstreamUrl, packageName, version, representations } = entry;
  const { storedAtMs, checkedAtMs, freshForMs } = entry;
  return {
    name: entryName(repositoryId, key),
    kind: kind.toUpperCase(),
    ...{ status, contentType, upstreamUrl },
    digest: blob?.digest ?? "",
    sizeBytes: BigInt(blob?.sizeBytes ?? 0),
    package: packageName ?? "",
    version: version ?? "",
    representations: Object.keys(representations),
    ...timestamps({
      storeTime: new Date(storedAtMs),
      checkTime: new Date(checkedAtMs),
      expireTime: freshForMs === undefined ? undefined : new Date(checkedAtMs + freshForMs),
    }),
  };
}
