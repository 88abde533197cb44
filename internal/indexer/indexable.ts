import { Fault } from "#internal/fault/fault.ts";
import type { Format, IndexDocument } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";

/** A format whose upstreams list everything they have in one document. */
export type IndexableFormat = Format & { readonly index: IndexDocument };

export function isIndexable(format: Format): format is IndexableFormat {
  return format.index !== undefined;
}

/** @throws Fault FORMAT_NOT_INDEXABLE when the repository's format has no index of everything. */
export function needIndexable(
  formats: ReadonlyMap<string, Format>,
  repository: Pick<Repository, "id" | "format">,
): IndexableFormat {
  const format = formats.get(repository.format);
  if (format && isIndexable(format)) return format;
  const message = `repository "${repository.id}" cannot be indexed: upstreams of the format "${repository.format}" do not list everything they have`;
  throw new Fault("FORMAT_NOT_INDEXABLE", message, { repository: repository.id, format: repository.format });
}
