import type { Repository, RepositoryEvent } from "#gen/larder/v1/resources_pb.ts";
import { RepositoryStateSchema, UpstreamModeSchema, VisibilitySchema } from "#gen/larder/v1/resources_pb.ts";
import { ageText, durationText, timeText } from "./amounts.ts";
import { lastPart } from "./names.ts";
import { type Column, fieldLines } from "./table.ts";
import type { Layout } from "./terminal.ts";
import { wordOf } from "./words.ts";

/** `larder repo list`. */
export const REPOSITORY_COLUMNS: readonly Column<Repository>[] = [
  { title: "ID", cell: ({ name }) => lastPart(name) },
  { title: "FORMAT", cell: ({ format }) => format },
  { title: "VISIBILITY", cell: ({ visibility }) => wordOf(VisibilitySchema, visibility) },
  { title: "STATE", cell: ({ state }) => wordOf(RepositoryStateSchema, state) },
  { title: "MODE", cell: ({ upstreamMode }) => wordOf(UpstreamModeSchema, upstreamMode) },
  { title: "UPDATED", cell: ({ updateTime }, { nowMs }) => ageText(updateTime, nowMs), align: "right" },
  { title: "UPSTREAM", cell: ({ upstreamUrl }) => upstreamUrl, elastic: true },
];

/** `larder repo events`. */
export const EVENT_COLUMNS: readonly Column<RepositoryEvent>[] = [
  { title: "AGE", cell: ({ createTime }, { nowMs }) => ageText(createTime, nowMs), align: "right" },
  { title: "REPOSITORY", cell: ({ repository }) => lastPart(repository) },
  { title: "TYPE", cell: ({ type }) => type },
  { title: "ACTOR", cell: ({ actor }) => actor },
  { title: "MESSAGE", cell: ({ message }) => message, elastic: true },
];

/** One repository in full. */
export function describeRepository(repository: Repository, layout: Layout): string[] {
  const { nowMs } = layout;
  const { labels, fileOrigins, syncInterval, metadataTtl } = repository;
  const id = lastPart(repository.name);
  return fieldLines(
    [
      ["id", id],
      ["display name", repository.displayName === id ? "" : repository.displayName],
      ["description", repository.description],
      ["format", repository.format],
      ["upstream URL", repository.upstreamUrl],
      ["file origins", fileOrigins.join(", ")],
      ["credential", repository.hasCredential ? "set" : ""],
      ["state", wordOf(RepositoryStateSchema, repository.state)],
      ["upstream mode", wordOf(UpstreamModeSchema, repository.upstreamMode)],
      ["visibility", wordOf(VisibilitySchema, repository.visibility)],
      ["owner", repository.owner],
      [
        "labels",
        Object.entries(labels)
          .map(([key, value]) => `${key}=${value}`)
          .join(", "),
      ],
      ["metadata TTL", metadataTtl ? durationText(metadataTtl) : "the server's default"],
      ["sync interval", syncInterval ? durationText(syncInterval) : "none: indexed when asked"],
      ["created", timeText(repository.createTime, nowMs)],
      ["updated", timeText(repository.updateTime, nowMs)],
      ["deleted", timeText(repository.deleteTime, nowMs)],
      ["etag", repository.etag],
    ],
    layout,
  );
}
