import type { Announcement, Digests } from "../format.ts";
import { METADATA_SUFFIX, SIGNATURE_SUFFIX, versionOf } from "./distribution-file.ts";
import { filePath } from "./documents.ts";
import type { SimpleFile, SimplePage } from "./simple-page.ts";

/** Every file of the page, each followed by the sidecars that the page tells of. */
export function* announcementsOf({ project, files }: SimplePage): Iterable<Announcement> {
  for (const file of files) {
    const { size, "upload-time": uploadTime } = file.fields;
    yield {
      ...announced(project, file, "", file.digests),
      ...(Number.isSafeInteger(size) && Number(size) >= 0 && { sizeBytes: Number(size) }),
      ...(typeof uploadTime === "string" && { publishTime: uploadTime }),
    };
    if (file.metadataDigests) yield announced(project, file, METADATA_SUFFIX, file.metadataDigests);
    if (file.isSigned) yield announced(project, file, SIGNATURE_SUFFIX, {});
  }
}

function announced(
  project: string,
  { filename, upstreamUrl }: SimpleFile,
  suffix: string,
  digests: Digests,
): Announcement {
  const version = versionOf(filename, project);
  return {
    path: filePath(project, filename + suffix),
    upstreamUrl: besides(upstreamUrl, suffix),
    digests,
    packageName: project,
    ...(version !== undefined && { version }),
  };
}

/** The suffix goes behind the path: some upstreams sign their addresses in the query. */
function besides(upstreamUrl: string, suffix: string): string {
  const url = new URL(upstreamUrl);
  url.pathname += suffix;
  return url.href;
}
