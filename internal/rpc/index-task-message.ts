import type { MessageInitShape } from "@bufbuild/protobuf";
import {
  type IndexIssueSchema,
  type IndexTaskSchema,
  IndexTaskState as StateMessage,
} from "#gen/larder/v1/resources_pb.ts";
import type { IndexCounts, IndexIssue, IndexTask, IndexTaskState } from "#internal/repository/index-task.ts";
import { indexTaskName, repositoryName } from "./resource-name.ts";
import { timestamps } from "./timestamp-message.ts";

const STATES: Readonly<Record<IndexTaskState, StateMessage>> = {
  PENDING: StateMessage.PENDING,
  WORKING: StateMessage.WORKING,
  SUCCEEDED: StateMessage.SUCCEEDED,
  PARTIAL: StateMessage.PARTIAL,
  FAILED: StateMessage.FAILED,
  HELD: StateMessage.HELD,
  CANCELLED: StateMessage.CANCELLED,
  SUPERSEDED: StateMessage.SUPERSEDED,
};

export function toIndexTaskMessage(task: IndexTask): MessageInitShape<typeof IndexTaskSchema> {
  const { cause, causeReason, attempt, rerun, unchanged, indexDigest, actor, force, confirmedDigest } = task;
  const { createTime, startTime, endTime, nextAttemptTime } = task;
  return {
    name: indexTaskName(task.id),
    repository: repositoryName(task.repositoryId),
    state: STATES[task.state],
    counts: toCountsMessage(task.counts),
    ...{ cause, causeReason, attempt, rerun, unchanged, indexDigest, actor, force, confirmedDigest },
    packages: [...task.packages],
    ...timestamps({ createTime, startTime, endTime, nextAttemptTime }),
  };
}

function toCountsMessage({ seen, added, updated, removed, skipped, failed }: IndexCounts) {
  return {
    seen: BigInt(seen),
    added: BigInt(added),
    updated: BigInt(updated),
    removed: BigInt(removed),
    skipped: BigInt(skipped),
    failed: BigInt(failed),
  };
}

export function toIssueMessage(taskId: string, issue: IndexIssue): MessageInitShape<typeof IndexIssueSchema> {
  const { packageName, version, message } = issue;
  return { task: indexTaskName(taskId), package: packageName, version, message };
}
