import type { ListedPackage } from "#internal/repository/package.ts";
import { foldDescription, foldText } from "#internal/repository/search-query.ts";
import { type PackageRow, packageQuery } from "./catalog-rows.ts";
import { insertRows } from "./insert-rows.ts";
import type { Sql } from "./session.ts";
import { applyVersions, type ChunkCounts } from "./version-apply.ts";

/** Makes the rows of these packages say what the index says; a chunk has at most some hundred packages. */
export async function applyPackages(
  sql: Sql,
  now: Date,
  repositoryUid: string,
  packages: readonly ListedPackage[],
): Promise<ChunkCounts> {
  const rows = await ensurePackages(sql, now, repositoryUid, packages);
  const { counts, keptCounts } = await applyVersions(
    sql,
    now,
    packages.map((listed) => ({
      packageId: rowOf(rows, listed).id,
      listed: listed.versions,
      kept: listed.unreadable ?? [],
    })),
  );
  for (const listed of packages) {
    const row = rowOf(rows, listed);
    await updatePackage(sql, now, row, listed, keptCounts.get(row.id) ?? 0);
  }
  return counts;
}

async function ensurePackages(
  sql: Sql,
  now: Date,
  repositoryUid: string,
  packages: readonly ListedPackage[],
): Promise<Map<string, PackageRow>> {
  const names = packages.map(({ name }) => name);
  const find = async () => {
    const rows = await packageQuery(sql, repositoryUid).where("name", "in", names).execute();
    return new Map(rows.map((row) => [row.name, row]));
  };
  const found = await find();
  const absent = packages.filter(({ name }) => !found.has(name));
  if (absent.length === 0) return found;
  const times = { createTime: now, updateTime: now };
  await insertRows(absent, (chunk) =>
    sql
      .insertInto("package")
      .values(chunk.map((listed) => ({ repositoryUid, ...times, name: listed.name, ...columnsOf(listed) })))
      .execute(),
  );
  return find();
}

async function updatePackage(
  sql: Sql,
  now: Date,
  row: PackageRow,
  listed: ListedPackage,
  keptCount: number,
): Promise<void> {
  const columns = columnsOf(listed, keptCount);
  if (Object.entries(columns).every(([name, value]) => row[name as keyof typeof columns] === value)) return;
  await sql
    .updateTable("package")
    .set({ ...columns, updateTime: now })
    .where("id", "=", row.id)
    .execute();
}

function columnsOf({ name, description, deprecated, versions }: ListedPackage, keptCount = 0) {
  return {
    description,
    searchName: foldText(name),
    searchDescription: foldDescription(description),
    deprecated: deprecated ? 1 : 0,
    versionCount: versions.length + keptCount,
    latestVersion: versions[0]?.version ?? "",
    removed: 0,
  };
}

function rowOf(rows: ReadonlyMap<string, PackageRow>, { name }: ListedPackage): PackageRow {
  const row = rows.get(name);
  if (!row) throw new Error(`package "${name}" was inserted but cannot be read`);
  return row;
}
