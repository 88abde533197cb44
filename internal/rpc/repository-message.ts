import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import {
  type Repository as RepositoryMessage,
  RepositoryMode,
  type RepositorySchema,
  RepositoryState as StateMessage,
} from "#gen/larder/v1/resources_pb.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { RepositoryInput } from "#internal/manager/repository-manager.ts";
import type { Repository, RepositoryState } from "#internal/repository/repository.ts";
import { readDurationMs } from "./duration-message.ts";
import { readVisibility, UPSTREAM_MODES, VISIBILITIES } from "./enum-message.ts";
import { etagOf } from "./etag.ts";
import { repositoryName } from "./resource-name.ts";
import { timestamps } from "./timestamp-message.ts";

export const REPOSITORY_STATES: Readonly<Record<RepositoryState, StateMessage>> = {
  ACTIVE: StateMessage.ACTIVE,
  UNREACHABLE: StateMessage.UNREACHABLE,
  DELETED: StateMessage.DELETED,
};

export function toRepositoryMessage(repository: Repository): MessageInitShape<typeof RepositorySchema> {
  const { format, displayName, description, upstreamUrl, owner, labels, hasCredential, uid } = repository;
  const { syncIntervalMs, metadataTtlMs, createTime, updateTime, deleteTime } = repository;
  return {
    name: repositoryName(repository.id),
    ...{ format, displayName, description, upstreamUrl, owner, hasCredential, uid },
    fileOrigins: [...repository.fileOrigins],
    visibility: VISIBILITIES[repository.visibility],
    labels: { ...labels },
    mode: RepositoryMode.PROXY,
    ...(syncIntervalMs > 0 && { syncInterval: durationFromMs(syncIntervalMs) }),
    ...(metadataTtlMs !== undefined && { metadataTtl: durationFromMs(metadataTtlMs) }),
    upstreamMode: UPSTREAM_MODES[repository.upstreamMode],
    state: REPOSITORY_STATES[repository.state],
    etag: etagOf(repository.version),
    ...timestamps({ createTime, updateTime, deleteTime }),
  };
}

/**
 * What a caller says of a repository; output-only fields are not looked at.
 * @throws Fault ARGUMENT_INVALID for what no repository can have; the other rules are the manager's.
 */
export function readRepositoryInput(id: string, message: RepositoryMessage): RepositoryInput {
  const { format, upstreamUrl, displayName, description, fileOrigins, labels, mode } = message;
  if (mode !== RepositoryMode.UNSPECIFIED && mode !== RepositoryMode.PROXY) {
    throw new Fault("ARGUMENT_INVALID", `repository.mode ${mode} is not PROXY`, { field: "repository.mode" });
  }
  return {
    ...{ id, format, upstreamUrl, displayName, description, fileOrigins, labels },
    visibility: readVisibility(message.visibility, "repository.visibility"),
    syncIntervalMs: readDurationMs(message.syncInterval, "repository.sync_interval") ?? 0,
    metadataTtlMs: readDurationMs(message.metadataTtl, "repository.metadata_ttl"),
  };
}
