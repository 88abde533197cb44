import { type FilterTerm, filterInvalid, parseFilter } from "#internal/repository/filter.ts";
import { isCatalogName, type Package, type Version } from "#internal/repository/package.ts";
import { packageQuery, toPackage, toVersion, versionQuery } from "./catalog-rows.ts";
import { cursorOf, type Page, type PageRequest, pageOf, pageSizeOf } from "./page.ts";
import type { Sql } from "./session.ts";

type Request = PageRequest & { readonly filter?: string };
// Sorts after every name that has the prefix: both dialects compare by code point.
const LAST_CHARACTER = "\u{10FFFF}";

/** Packages by name. */
export async function listPackages(sql: Sql, repositoryUid: string, request: Request): Promise<Page<Package>> {
  const { filter = "" } = request;
  const size = pageSizeOf(request);
  const scope = ["packages", repositoryUid, filter];
  const cursor = cursorOf(request, scope, [""]);
  const conditions = readConditions(filter, "name");

  let query = packageQuery(sql, repositoryUid).where("removed", "=", conditions.removed);
  if (conditions.deprecated !== undefined) query = query.where("deprecated", "=", conditions.deprecated);
  if (conditions.equals !== undefined) query = query.where("name", "=", conditions.equals);
  if (conditions.prefix !== undefined) {
    query = query.where("name", ">=", conditions.prefix).where("name", "<", conditions.prefix + LAST_CHARACTER);
  }
  if (cursor) query = query.where("name", ">", String(cursor[0]));
  const rows = conditions.impossible
    ? []
    : await query
        .orderBy("name")
        .limit(size + 1)
        .execute();
  return pageOf(rows, size, scope, (row) => [row.name], toPackage);
}

/** Versions of a package, newest first. */
export async function listVersions(sql: Sql, packageId: number, request: Request): Promise<Page<Version>> {
  const { filter = "" } = request;
  const size = pageSizeOf(request);
  const scope = ["versions", packageId, filter];
  const cursor = cursorOf(request, scope, [0, 0]);
  const conditions = readConditions(filter, "version");

  let query = versionQuery(sql).where("packageId", "=", packageId).where("removed", "=", conditions.removed);
  if (conditions.deprecated !== undefined) query = query.where("deprecated", "=", conditions.deprecated);
  if (conditions.equals !== undefined) query = query.where("version", "=", conditions.equals);
  if (conditions.prefix !== undefined) {
    query = query.where("version", ">=", conditions.prefix).where("version", "<", conditions.prefix + LAST_CHARACTER);
  }
  if (cursor) {
    const [position, id] = [Number(cursor[0]), Number(cursor[1])];
    query = query.where((eb) =>
      eb.or([eb("position", "<", position), eb.and([eb("position", "=", position), eb("id", "<", id)])]),
    );
  }
  const ordered = query.orderBy("position", "desc").orderBy("id", "desc");
  const rows = conditions.impossible ? [] : await ordered.limit(size + 1).execute();
  return pageOf(rows, size, scope, (row) => [row.position, row.id], toVersion);
}

interface Conditions {
  readonly equals?: string;
  readonly prefix?: string;
  readonly deprecated?: 0 | 1;
  /** Those that were removed are left out unless they are asked for. */
  readonly removed: 0 | 1;
  /** No name can be like that. */
  readonly impossible: boolean;
}

function readConditions(filter: string, nameField: string): Conditions {
  let conditions: Conditions = { removed: 0, impossible: false };
  for (const term of parseFilter(filter)) {
    const { field, test } = term;
    if (field === nameField) conditions = { ...conditions, ...readName(conditions, term) };
    else if (field === "deprecated") conditions = { ...conditions, deprecated: readFlag(field, test) };
    else if (field === "removed") conditions = { ...conditions, removed: readFlag(field, test) };
    else throw filterInvalid(`"${field}" is not one of the fields ${nameField}, deprecated, removed`);
  }
  return conditions;
}

function readName({ equals, prefix, impossible }: Conditions, { field, test }: FilterTerm): Partial<Conditions> {
  if (test.kind === "present") throw filterInvalid(`"${field}" can only be compared with "="`);
  if (equals !== undefined || prefix !== undefined) throw filterInvalid(`"${field}" can only be named once`);
  // MariaDB ignores blanks at the end of what it compares.
  if (test.kind === "equals") return { equals: test.value, impossible: impossible || !isCatalogName(test.value) };
  return { prefix: test.value, impossible: impossible || (test.value !== "" && !isCatalogName(test.value.trimEnd())) };
}

function readFlag(field: string, test: FilterTerm["test"]): 0 | 1 {
  if (test.kind === "equals" && test.value === "true") return 1;
  if (test.kind === "equals" && test.value === "false") return 0;
  throw filterInvalid(`${field} must be "true" or "false"`);
}
