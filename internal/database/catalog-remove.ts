import { packageQuery } from "./catalog-rows.ts";
import type { Sql } from "./session.ts";
import type { ChunkCounts } from "./version-apply.ts";

/** Marks packages, and their versions, as removed. */
export async function removePackages(
  sql: Sql,
  now: Date,
  repositoryUid: string,
  names: readonly string[],
): Promise<ChunkCounts> {
  const counts = { added: 0, updated: 0, removed: 0, skipped: 0 };
  if (names.length === 0) return counts;
  const rows = await packageQuery(sql, repositoryUid).where("name", "in", names).where("removed", "=", 0).execute();
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return counts;
  const { numUpdatedRows } = await sql
    .updateTable("version")
    .set({ removed: 1, updateTime: now })
    .where("packageId", "in", ids)
    .where("removed", "=", 0)
    .executeTakeFirst();
  await sql
    .updateTable("package")
    .set({ removed: 1, versionCount: 0, latestVersion: "", updateTime: now })
    .where("id", "in", ids)
    .execute();
  return { ...counts, removed: Number(numUpdatedRows) };
}
