import { Fault } from "#internal/fault/fault.ts";

const REPOSITORY = /^repositories\/(?<repository>[a-z0-9][a-z0-9._-]{0,62})$/;
const PACKAGE = /^repositories\/(?<repository>[a-z0-9][a-z0-9._-]{0,62})\/packages\/(?<item>[^/]+)$/;
const ENTRY = /^repositories\/(?<repository>[a-z0-9][a-z0-9._-]{0,62})\/entries\/(?<item>[^/]+)$/;
const INDEX_TASK = /^indexTasks\/(?<task>[0-9a-z]{1,32})$/;
/** Stands for every repository where a method says so. */
const ALL_REPOSITORIES = "repositories/-";
const MAX_LENGTH = 8_192;

export const repositoryName = (id: string): string => `repositories/${id}`;
export const packageName = (repositoryId: string, name: string): string =>
  `repositories/${repositoryId}/packages/${encodeURIComponent(name)}`;
export const versionName = (repositoryId: string, name: string, version: string): string =>
  `${packageName(repositoryId, name)}/versions/${encodeURIComponent(version)}`;
export const entryName = (repositoryId: string, entry: string): string =>
  `repositories/${repositoryId}/entries/${encodeURIComponent(entry)}`;
export const indexTaskName = (id: string): string => `indexTasks/${id}`;

/** One thing within a repository, decoded. */
export interface ItemName {
  readonly repositoryId: string;
  readonly item: string;
}

/**
 * Id of `repositories/{repository}`.
 * @throws Fault ARGUMENT_INVALID that names `field`.
 */
export function readRepositoryName(name: string, field = "name"): string {
  return match(REPOSITORY, name, field, "repositories/{repository}").repository ?? "";
}

/** As `readRepositoryName`; undefined for `repositories/-`. */
export function readRepositoryNameOrAll(name: string, field = "name"): string | undefined {
  return name === ALL_REPOSITORIES ? undefined : readRepositoryName(name, field);
}

/** @throws Fault ARGUMENT_INVALID. */
export function readPackageName(name: string, field = "name"): ItemName {
  return readItem(PACKAGE, name, field, "repositories/{repository}/packages/{package}");
}

/** @throws Fault ARGUMENT_INVALID. */
export function readEntryName(name: string, field = "name"): ItemName {
  return readItem(ENTRY, name, field, "repositories/{repository}/entries/{entry}");
}

/** @throws Fault ARGUMENT_INVALID. */
export function readIndexTaskName(name: string, field = "name"): string {
  return match(INDEX_TASK, name, field, "indexTasks/{task}").task ?? "";
}

function readItem(pattern: RegExp, name: string, field: string, form: string): ItemName {
  const { repository = "", item = "" } = match(pattern, name, field, form);
  try {
    return { repositoryId: repository, item: decodeURIComponent(item) };
  } catch {
    throw invalid(name, field, `${form} with percent-encoded parts`);
  }
}

function match(pattern: RegExp, name: string, field: string, form: string): Partial<Record<string, string>> {
  const groups = name.length <= MAX_LENGTH ? pattern.exec(name)?.groups : undefined;
  if (!groups) throw invalid(name, field, form);
  return groups;
}

function invalid(name: string, field: string, form: string): Fault {
  const given = name === "" ? "is required and" : `"${name.slice(0, 200)}"`;
  return new Fault("ARGUMENT_INVALID", `${field} ${given} must have the form ${form}`, { field });
}
