import { Fault } from "#internal/fault/fault.ts";
import type { Format } from "#internal/format/format.ts";
import { checkLabels } from "#internal/repository/labels.ts";
import type { RepositoryChanges } from "./repository-manager.ts";
import { checkUpstreamUrl } from "./upstream-url.ts";

const MAX_DISPLAY_NAME_LENGTH = 100;
const MAX_DESCRIPTION_LENGTH = 1_000;
const MAX_FILE_ORIGINS = 20;
const MIN_SYNC_INTERVAL_MS = 60_000;
const MAX_SYNC_INTERVAL_MS = 365 * 86_400_000;
const MAX_METADATA_TTL_MS = 30 * 86_400_000;

/** @throws Fault ARGUMENT_INVALID. */
export function checkFormat(formats: ReadonlyMap<string, Format>, id: string): Format {
  const format = formats.get(id);
  if (format) return format;
  const problem = id === "" ? "format is required" : `there is no format "${id.slice(0, 80)}"`;
  throw invalid("format", `${problem}: it must be one of ${[...formats.keys()].join(", ")}`);
}

/**
 * Checks the fields that are there, and gives them their stored form: file origins as origins, each once.
 * @throws Fault ARGUMENT_INVALID with the field.
 */
export function checkFields<Fields extends RepositoryChanges>(fields: Fields, format: Format): Fields {
  checkLength("display_name", fields.displayName, MAX_DISPLAY_NAME_LENGTH);
  checkLength("description", fields.description, MAX_DESCRIPTION_LENGTH);
  if (fields.labels) checkLabels(fields.labels);
  if (fields.upstreamUrl !== undefined) checkUpstreamUrl(fields.upstreamUrl);
  checkSyncInterval(fields.syncIntervalMs ?? 0, format);
  checkDuration("metadata_ttl", fields.metadataTtlMs ?? 0, MAX_METADATA_TTL_MS, "0 s to 30 days");
  return { ...fields, ...(fields.fileOrigins && { fileOrigins: checkFileOrigins(fields.fileOrigins) }) };
}

function checkLength(field: string, text: string | undefined, limit: number): void {
  const length = [...(text ?? "")].length;
  if (length > limit) throw invalid(field, `${field} has ${length} characters, at most ${limit} are allowed`);
}

function checkSyncInterval(intervalMs: number, format: Format): void {
  if (intervalMs === 0) return;
  checkDuration("sync_interval", intervalMs, MAX_SYNC_INTERVAL_MS, "0, or 60 s to 365 days", MIN_SYNC_INTERVAL_MS);
  if (!format.index) {
    throw invalid("sync_interval", `sync_interval must be 0: ${format.label} has no index of everything to read`);
  }
}

function checkDuration(field: string, valueMs: number, maxMs: number, allowed: string, minMs = 0): void {
  if (!(Number.isInteger(valueMs) && valueMs >= minMs && valueMs <= maxMs)) {
    throw invalid(field, `${field} is ${valueMs / 1_000} s, allowed are ${allowed}`);
  }
}

function checkFileOrigins(origins: readonly string[]): string[] {
  if (origins.length > MAX_FILE_ORIGINS) {
    throw invalid("file_origins", `there are ${origins.length} file origins, at most ${MAX_FILE_ORIGINS} are allowed`);
  }
  return [...new Set(origins.map(checkFileOrigin))];
}

function checkFileOrigin(text: string, at: number): string {
  const url = URL.parse(text);
  const isOrigin = url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (isOrigin) return url.origin;
  // Not the text: somebody may have written a password into it.
  throw invalid("file_origins", `file origin ${at + 1} must be scheme://host[:port], e.g. https://files.example`);
}

function invalid(field: string, message: string): Fault {
  return new Fault("ARGUMENT_INVALID", message, { field });
}
