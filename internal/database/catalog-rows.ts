import { Fault } from "#internal/fault/fault.ts";
import { isCatalogName, type Package, type Version } from "#internal/repository/package.ts";
import type { Sql } from "./session.ts";

export type PackageRow = Awaited<ReturnType<ReturnType<typeof packageQuery>["execute"]>>[number];
export type VersionRow = Awaited<ReturnType<ReturnType<typeof versionQuery>["execute"]>>[number];

export function packageQuery(sql: Sql, repositoryUid: string) {
  return sql.selectFrom("package").selectAll().where("repositoryUid", "=", repositoryUid);
}

export function versionQuery(sql: Sql) {
  return sql.selectFrom("version").selectAll();
}

/** @throws Fault PACKAGE_NOT_FOUND. */
export async function needPackage(sql: Sql, repositoryUid: string, name: string): Promise<PackageRow> {
  const row = isCatalogName(name)
    ? await packageQuery(sql, repositoryUid).where("name", "=", name).executeTakeFirst()
    : undefined;
  if (row) return row;
  const shown = name.slice(0, 255);
  throw new Fault("PACKAGE_NOT_FOUND", `there is no package "${shown}" in the catalogue`, { package: shown });
}

export function toPackage(row: PackageRow): Package {
  const { name, description, versionCount, latestVersion, createTime, updateTime } = row;
  const deprecated = row.deprecated === 1;
  return {
    name,
    description,
    versionCount,
    latestVersion,
    deprecated,
    removed: row.removed === 1,
    createTime,
    updateTime,
  };
}

export function toVersion(row: VersionRow): Version {
  const { version, appVersion, digest, createTime, updateTime, metadata } = row;
  const flags = { deprecated: row.deprecated === 1, removed: row.removed === 1 };
  return {
    version,
    appVersion,
    digest,
    ...flags,
    publishTime: row.publishTime ?? undefined,
    createTime,
    updateTime,
    metadata,
  };
}
