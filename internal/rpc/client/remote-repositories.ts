import { durationMs, timestampDate } from "@bufbuild/protobuf/wkt";
import type { Repository as RepositoryMessage } from "#gen/larder/v1/resources_pb.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { readUpstreamMode, readVisibility, readWord } from "../enum-message.ts";
import { readEtag } from "../etag.ts";
import { REPOSITORY_STATES } from "../repository-message.ts";
import { readRepositoryName } from "../resource-name.ts";
import type { RepoManagerClient } from "./clients.ts";

const PAGE_SIZE = 1_000;

/**
 * Every repository that is not deleted, for the snapshot of a process that has no database.
 * @throws Fault; ConnectError UNAVAILABLE when the manager does not answer.
 */
export async function listRemoteRepositories(
  client: Pick<RepoManagerClient, "listRepositories">,
): Promise<Repository[]> {
  const repositories: Repository[] = [];
  let pageToken = "";
  do {
    const page = await client.listRepositories({ pageSize: PAGE_SIZE, pageToken });
    repositories.push(...page.repositories.map(toRepository));
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return repositories;
}

function toRepository(message: RepositoryMessage): Repository {
  const { uid, format, displayName, description, upstreamUrl, fileOrigins, owner, labels, hasCredential } = message;
  const { syncInterval, metadataTtl, createTime, updateTime, deleteTime } = message;
  return {
    id: readRepositoryName(message.name),
    ...{ uid, format, displayName, description, upstreamUrl, fileOrigins, owner, labels, hasCredential },
    // Only the mirror goes to upstreams, and it has the row.
    upstreamTrusted: false,
    visibility: readVisibility(message.visibility, "visibility") ?? "PRIVATE",
    mode: "PROXY",
    syncIntervalMs: syncInterval ? durationMs(syncInterval) : 0,
    metadataTtlMs: metadataTtl && durationMs(metadataTtl),
    upstreamMode: readUpstreamMode(message.upstreamMode, "upstream_mode") ?? "ONLINE",
    state: readWord(REPOSITORY_STATES, message.state, "state") ?? "ACTIVE",
    version: readEtag(message.etag) ?? 0,
    createTime: createTime ? timestampDate(createTime) : new Date(0),
    updateTime: updateTime ? timestampDate(updateTime) : new Date(0),
    deleteTime: deleteTime && timestampDate(deleteTime),
  };
}
