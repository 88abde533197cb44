import { Fault } from "#internal/fault/fault.ts";
import type { DocumentRef, DocumentSource, Format, ParsedDocument } from "#internal/format/format.ts";

/** What a document of an upstream tells of it. */
export interface Inspection {
  /** 0 when it is no index of everything. */
  readonly packageCount: number;
  readonly versionCount: number;
  /** Where the announced files are; at most 20, in the order in which they are named. */
  readonly fileOrigins: readonly string[];
  /** Documents to read for want of announcements; some of the first. */
  readonly samples: readonly DocumentRef[];
}

const MAX_FILE_ORIGINS = 20;
const MAX_SAMPLES = 5;

/**
 * Reads a document as its format does.
 * @throws Fault UPSTREAM_INVALID when it is none of that format; LIMIT_EXCEEDED.
 */
export function inspectDocument(format: Format, source: DocumentSource): Inspection {
  const { ref } = source;
  const kind = format.documents[ref.kind];
  if (!kind) throw new Error(`format ${format.id} has no document kind ${ref.kind}`);
  if (source.body.length === 0) throw new Fault("UPSTREAM_INVALID", `the upstream sent an empty ${ref.kind}`);

  const versions = new Set<string>();
  const fileOrigins = new Set<string>();
  const document = kind.parse(source);
  for (const { packageName = "", version, upstreamUrl } of document.announcements()) {
    if (version !== undefined) versions.add(`${packageName}\n${version}`);
    const url = URL.parse(upstreamUrl);
    if (url && /^https?:$/.test(url.protocol) && fileOrigins.size < MAX_FILE_ORIGINS) fileOrigins.add(url.origin);
  }
  const counts = format.index?.document.key === ref.key ? countIndex(format.index.read(source)) : undefined;
  const origins = { fileOrigins: [...fileOrigins], samples: [...firstSamples(document)] };
  return { packageCount: 0, versionCount: versions.size, ...counts, ...origins };
}

function firstSamples(document: ParsedDocument): Iterable<DocumentRef> {
  return Iterator.from(document.samples?.() ?? []).take(MAX_SAMPLES);
}

function countIndex(items: ReturnType<NonNullable<Format["index"]>["read"]>) {
  let packageCount = 0;
  let versionCount = 0;
  for (const item of items) {
    if (item.kind !== "package") continue;
    packageCount++;
    versionCount += item.package.versions.length;
  }
  return { packageCount, versionCount };
}
