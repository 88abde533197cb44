import { defineEntity, p } from "@mikro-orm/core";

export const PackageTable = defineEntity({
  name: "Package",
  tableName: "package",
  uniques: [{ properties: ["repositoryUid", "name"] }],
  properties: {
    id: p.integer().primary().autoincrement(),
    repositoryUid: p.string().length(32),
    name: p.string().length(255),
    description: p.text().columnType("longtext"),
    /** `foldText` of the name; a folded character can be two. */
    searchName: p.string().length(511).default(""),
    /** `foldDescription` of the description. */
    searchDescription: p.string().length(2000).default(""),
    versionCount: p.integer(),
    latestVersion: p.string().length(255),
    deprecated: p.tinyint(),
    removed: p.tinyint(),
    createTime: p.datetime(3),
    updateTime: p.datetime(3),
  },
});

export const VersionTable = defineEntity({
  name: "Version",
  tableName: "version",
  uniques: [{ properties: ["packageId", "version"] }],
  indexes: [{ properties: ["packageId", "position", "id"] }],
  properties: {
    id: p.integer().primary().autoincrement(),
    packageId: p.integer().unsigned(),
    version: p.string().length(255),
    appVersion: p.string().length(255),
    digest: p.string().length(255),
    deprecated: p.tinyint(),
    removed: p.tinyint(),
    publishTime: p.datetime(3).nullable(),
    /** Greater is newer, by the format's order. */
    position: p.integer(),
    /** SHA-256 of all that the index says; equal: nothing to update. */
    fingerprint: p.string().length(44),
    metadata: p.text().columnType("longtext"),
    createTime: p.datetime(3),
    updateTime: p.datetime(3),
  },
});
