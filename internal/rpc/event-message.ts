import type { MessageInitShape } from "@bufbuild/protobuf";
import type { RepositoryEventSchema } from "#gen/larder/v1/resources_pb.ts";
import type { RepositoryEvent } from "#internal/repository/event.ts";
import { repositoryName } from "./resource-name.ts";
import { timestamps } from "./timestamp-message.ts";

export function toEventMessage(event: RepositoryEvent): MessageInitShape<typeof RepositoryEventSchema> {
  const { id, repositoryUid, type, message, facts, actor, createTime } = event;
  const repository = repositoryName(event.repositoryId);
  return { id, repository, repositoryUid, type, message, facts: { ...facts }, actor, ...timestamps({ createTime }) };
}
