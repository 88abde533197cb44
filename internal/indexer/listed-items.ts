import type { Format, IndexedPackage, IndexedVersion, IndexItem } from "#internal/format/format.ts";
import type { IndexIssue } from "#internal/repository/index-task.ts";
import { isCatalogName, type ListedPackage, type ListedVersion } from "#internal/repository/package.ts";

/** What an index lists, in the form of the catalogue. */
export type ListedItem =
  | { readonly kind: "package"; readonly package: ListedPackage }
  | { readonly kind: "issue"; readonly issue: IndexIssue };

const MAX_TEXT_LENGTH = 255;
/** What every database can keep. */
const FIRST_TIME = Date.parse("1000-01-01T00:00:00Z");
const LAST_TIME = Date.parse("9999-12-31T00:00:00Z");

/** Sorts the versions, newest first, and turns what the catalogue cannot keep into issues. */
export function* toListedItems(items: Iterable<IndexItem>, format: Format): Iterable<ListedItem> {
  for (const item of items) {
    if (item.kind === "package") yield* toListed(item.package, format);
    else yield issue(item.packageName, item.version ?? "", item.message);
  }
}

function* toListed(indexed: IndexedPackage, { compareVersions }: Format): Iterable<ListedItem> {
  const name = indexed.name;
  if (!isCatalogName(name)) {
    yield issue(name, "", "its name is empty, too long, or has blanks at an end or control characters");
    return;
  }
  const versions = new Map<string, ListedVersion>();
  for (const each of indexed.versions) {
    const { version } = each;
    if (!isCatalogName(version))
      yield issue(name, version, "it is too long, or has blanks at an end or control characters");
    else if (versions.has(version)) yield issue(name, version, "it is listed twice; the first is taken");
    else versions.set(version, toListedVersion(each));
  }
  const sorted = [...versions.values()];
  if (compareVersions) sorted.sort((one, other) => compareVersions(other.version, one.version));
  const { description, deprecated } = indexed;
  yield { kind: "package", package: { name, description: description.toWellFormed(), deprecated, versions: sorted } };
}

function toListedVersion({
  version,
  appVersion = "",
  digest = "",
  publishTime,
  ...rest
}: IndexedVersion): ListedVersion {
  return {
    version,
    appVersion: cut(appVersion),
    digest: cut(digest),
    publishTime: toTime(publishTime),
    deprecated: rest.deprecated,
    metadata: rest.metadata.toWellFormed(),
  };
}

function issue(packageName: string, version: string, message: string): ListedItem {
  const texts = { packageName, version, message };
  const entries = Object.entries(texts).map(([name, text]) => [name, text.slice(0, 1_000).toWellFormed()]);
  return { kind: "issue", issue: Object.fromEntries(entries) as typeof texts };
}

/** Metadata has all of it. */
function cut(text: string): string {
  return text.slice(0, MAX_TEXT_LENGTH).toWellFormed();
}

function toTime(text: string | undefined): Date | undefined {
  const time = Date.parse(text ?? "");
  return time >= FIRST_TIME && time <= LAST_TIME ? new Date(time) : undefined;
}
