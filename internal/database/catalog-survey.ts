import type { Sql } from "./session.ts";

/** A package and its versions, as the catalogue lists them. */
export interface ListedNames {
  readonly name: string;
  readonly versions: readonly string[];
}

/** So many rows are read in some milliseconds. */
const MAX_VERSIONS = 5_000;

/** Versions that are listed now. */
export async function countListed(sql: Sql, repositoryUid: string): Promise<number> {
  const row = await sql
    .selectFrom("package")
    .select((eb) => eb.fn.sum<number | string | null>("versionCount").as("total"))
    .where("repositoryUid", "=", repositoryUid)
    .where("removed", "=", 0)
    .executeTakeFirst();
  return Number(row?.total ?? 0);
}

/** A page of what is listed, by package name; at most `limit` packages, fewer when they have many versions, none after the last. */
export async function listedNames(
  sql: Sql,
  repositoryUid: string,
  afterName: string,
  limit: number,
): Promise<ListedNames[]> {
  const found = await sql
    .selectFrom("package")
    .select(["id", "name", "versionCount"])
    .where("repositoryUid", "=", repositoryUid)
    .where("removed", "=", 0)
    .where("name", ">", afterName)
    .orderBy("name")
    .limit(limit)
    .execute();
  const packages = fewVersions(found);
  if (packages.length === 0) return [];
  const rows = await sql
    .selectFrom("version")
    .select(["packageId", "version"])
    .where(
      "packageId",
      "in",
      packages.map(({ id }) => id),
    )
    .where("removed", "=", 0)
    .execute();
  const versions = Map.groupBy(rows, ({ packageId }) => packageId);
  return packages.map(({ id, name }) => ({ name, versions: (versions.get(id) ?? []).map(({ version }) => version) }));
}

/** The first packages, at least one, that have not too many versions together. */
function fewVersions<Row extends { versionCount: number }>(packages: readonly Row[]): readonly Row[] {
  let versions = 0;
  const end = packages.findIndex((each, at) => {
    versions += each.versionCount;
    return at > 0 && versions > MAX_VERSIONS;
  });
  return end === -1 ? packages : packages.slice(0, end);
}
