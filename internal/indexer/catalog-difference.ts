import type { CatalogStore } from "#internal/database/catalog-store.ts";
import type { ListedNames } from "#internal/database/catalog-survey.ts";
import type { IndexContents } from "./index-contents.ts";

/** What is in the catalogue and not in the index. */
export interface CatalogDifference {
  /** Versions that the catalogue lists now, of all packages. */
  readonly listed: number;
  /** Of these, versions that the index lists no more. */
  readonly removed: number;
  /** Packages that the index lists no more. */
  readonly vanished: readonly string[];
}

const PACKAGES_PER_PAGE = 200;

/** Compares without a change. `wanted` are the packages that count; empty: all. */
export async function compareWithCatalog(
  catalog: CatalogStore,
  repositoryUid: string,
  contents: IndexContents,
  wanted: readonly string[],
): Promise<CatalogDifference> {
  const only = new Set(wanted);
  const vanished: string[] = [];
  let [listed, removed] = [0, 0];
  for await (const each of everyListed(catalog, repositoryUid)) {
    listed += each.versions.length;
    if (only.size > 0 && !only.has(each.name)) continue;
    removed += countGone(each, contents);
    if (!contents.packages.has(each.name) && !contents.troubled.has(each.name)) vanished.push(each.name);
  }
  return { listed, removed, vanished };
}

/** Versions that the index does not name. What it names and could not be read is not gone. */
function countGone({ name, versions }: ListedNames, { packages, troubled }: IndexContents): number {
  const indexed = packages.get(name);
  if (!indexed) return troubled.has(name) ? 0 : versions.length;
  const names = new Set(indexed.versions.map(({ version }) => version).concat(indexed.unreadable ?? []));
  return versions.filter((version) => !names.has(version)).length;
}

async function* everyListed(catalog: CatalogStore, repositoryUid: string): AsyncIterable<ListedNames> {
  let afterName = "";
  for (;;) {
    const page = await catalog.listedNames(repositoryUid, afterName, PACKAGES_PER_PAGE);
    yield* page;
    const last = page.at(-1);
    if (!last) return;
    afterName = last.name;
  }
}
