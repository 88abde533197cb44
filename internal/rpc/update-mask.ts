import type { FieldMask } from "@bufbuild/protobuf/wkt";
import { Fault } from "#internal/fault/fault.ts";
import type { RepositoryChanges, RepositoryInput } from "#internal/manager/repository-manager.ts";

/** What UpdateRepository may change, by the name in the mask. */
const FIELDS: ReadonlyMap<string, keyof RepositoryChanges> = new Map([
  ["display_name", "displayName"],
  ["description", "description"],
  ["upstream_url", "upstreamUrl"],
  ["file_origins", "fileOrigins"],
  ["visibility", "visibility"],
  ["labels", "labels"],
  ["sync_interval", "syncIntervalMs"],
  ["metadata_ttl", "metadataTtlMs"],
]);
/** Every field that can be changed. */
const ALL = "*";

/**
 * The fields of `input` that the mask names.
 * @throws Fault ARGUMENT_INVALID for an absent or empty mask, and for a path that cannot be changed.
 */
export function maskedChanges(input: RepositoryInput, mask: FieldMask | undefined): RepositoryChanges {
  const paths = mask?.paths ?? [];
  if (paths.length === 0) throw invalid(`update_mask is required: name fields of ${[...FIELDS.keys()].join(", ")}`);
  const fields = paths.length === 1 && paths[0] === ALL ? [...FIELDS.values()] : paths.map(fieldOf);
  return Object.fromEntries(fields.map((field) => [field, input[field]]));
}

function fieldOf(path: string): keyof RepositoryChanges {
  const field = FIELDS.get(path);
  if (!field) {
    throw invalid(`update_mask: "${path.slice(0, 100)}" cannot be changed, only ${[...FIELDS.keys()].join(", ")}`);
  }
  return field;
}

function invalid(message: string): Fault {
  return new Fault("ARGUMENT_INVALID", message, { field: "update_mask" });
}
