import type { Sql } from "./session.ts";

/** A package and its versions, as the catalogue lists them. */
export interface ListedNames {
  readonly name: string;
  readonly versions: readonly string[];
}

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

/** A page of what is listed, by package name. */
export async function listedNames(
  sql: Sql,
  repositoryUid: string,
  afterName: string,
  limit: number,
): Promise<ListedNames[]> {
  const packages = await sql
    .selectFrom("package")
    .select(["id", "name"])
    .where("repositoryUid", "=", repositoryUid)
    .where("removed", "=", 0)
    .where("name", ">", afterName)
    .orderBy("name")
    .limit(limit)
    .execute();
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
