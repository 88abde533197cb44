import type { MessageInitShape } from "@bufbuild/protobuf";
import { durationFromMs } from "@bufbuild/protobuf/wkt";
import { type Command, Option } from "commander";
import { type RepositorySchema, type Visibility, VisibilitySchema } from "#gen/larder/v1/resources_pb.ts";
import { parseDurationMs } from "#internal/config/parse-amounts.ts";
import { collect, optionParser } from "./usage.ts";
import { numberOf, wordsOf } from "./words.ts";

/** The fields of a repository as the parser yields them; what is not given is absent. */
export interface RepositoryOptions {
  readonly upstreamUrl?: string;
  readonly visibility?: Visibility;
  readonly displayName?: string;
  readonly description?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly metadataTtl?: number;
  readonly syncInterval?: number;
  readonly fileOrigin?: readonly string[];
}

export type RepositoryInit = Exclude<MessageInitShape<typeof RepositorySchema>, { $typeName: string }>;

const VISIBILITIES = wordsOf(VisibilitySchema).join(", ");

/** Options of the fields that can be set at creation and changed later, without the upstream's URL. */
export function addRepositoryOptions(command: Command): Command {
  const durationMs = optionParser(parseDurationMs);
  return command
    .addOption(
      new Option("--visibility <who>", `who may read: ${VISIBILITIES}`).argParser(optionParser(readVisibility)),
    )
    .option("--display-name <text>", "for people")
    .option("--description <text>", "for people")
    .addOption(new Option("--label <key=value>", "may be repeated").argParser(addLabel))
    .addOption(new Option("--metadata-ttl <time>", "how long a document is fresh, e.g. 5m").argParser(durationMs))
    .addOption(new Option("--sync-interval <time>", "how often the index is read; 0: when asked").argParser(durationMs))
    .option("--file-origin <origin>", "another origin that holds the upstream's files; may be repeated", collect)
    .option("--allow-invalid", "also when the upstream does not answer as it should");
}

/** The given fields of a message. */
export function toRepositoryInit(options: RepositoryOptions): RepositoryInit {
  const { upstreamUrl, visibility, displayName, description, label, metadataTtl, syncInterval, fileOrigin } = options;
  return {
    ...(upstreamUrl !== undefined && { upstreamUrl }),
    ...(visibility !== undefined && { visibility }),
    ...(displayName !== undefined && { displayName }),
    ...(description !== undefined && { description }),
    ...(label !== undefined && { labels: { ...label } }),
    ...(metadataTtl !== undefined && { metadataTtl: durationFromMs(metadataTtl) }),
    ...(syncInterval !== undefined && { syncInterval: durationFromMs(syncInterval) }),
    ...(fileOrigin !== undefined && { fileOrigins: [...fileOrigin] }),
  };
}

function readVisibility(text: string): Visibility {
  const number = numberOf(VisibilitySchema, text) as Visibility | undefined;
  if (number === undefined) throw new Error(`must be one of ${VISIBILITIES}`);
  return number;
}

const addLabel = (text: string, before: Readonly<Record<string, string>> | undefined) => ({
  ...before,
  ...optionParser(readLabel)(text),
});

function readLabel(text: string): Record<string, string> {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined) throw new Error("must be key=value");
  return { [key]: value };
}
