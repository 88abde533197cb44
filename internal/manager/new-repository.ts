import type { NewRepository } from "#internal/database/repository-changes.ts";
import type { Format } from "#internal/format/format.ts";
import { checkRepositoryId } from "#internal/repository/repository.ts";
import { checkFields, checkFormat } from "./check-fields.ts";
import type { RepositoryInput } from "./repository-manager.ts";

/**
 * A repository with its defaults, as nobody has asked its upstream yet.
 * @throws Fault ARGUMENT_INVALID with the field.
 */
export function newRepository(
  input: RepositoryInput,
  formats: ReadonlyMap<string, Format>,
  { actor, upstreamTrusted }: { readonly actor: string; readonly upstreamTrusted: boolean },
): NewRepository {
  const id = checkRepositoryId(input.id);
  const format = checkFormat(formats, input.format);
  const checked = checkFields(input, format);
  const { description, fileOrigins, labels, syncIntervalMs, metadataTtlMs } = checked;
  return {
    ...{ id, format: format.id, description, fileOrigins, labels, syncIntervalMs, metadataTtlMs, upstreamTrusted },
    displayName: checked.displayName || id,
    upstreamUrl: format.canonicalUrl(new URL(checked.upstreamUrl)),
    visibility: checked.visibility ?? "PRIVATE",
    owner: actor,
    mode: "PROXY",
    state: "ACTIVE",
  };
}
