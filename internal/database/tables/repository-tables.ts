import { defineEntity, p } from "@mikro-orm/core";
import type { RepositoryMode, RepositoryState, UpstreamMode, Visibility } from "#internal/repository/repository.ts";

/** One row an id: a deleted repository keeps its row until its id is taken again. */
export const RepositoryTable = defineEntity({
  name: "Repository",
  tableName: "repository",
  indexes: [
    { properties: ["createTime", "id"] },
    { properties: ["updateTime", "id"] },
    { properties: ["nextIndexTime"] },
  ],
  properties: {
    id: p.string().length(63).primary(),
    uid: p.string().length(32).unique(),
    format: p.string().length(63),
    displayName: p.string().length(255),
    description: p.text().columnType("longtext"),
    upstreamUrl: p.text().columnType("longtext"),
    /** JSON array. */
    fileOrigins: p.text().columnType("longtext"),
    upstreamTrusted: p.tinyint(),
    visibility: p.string().length(16).$type<Visibility>(),
    owner: p.string().length(255),
    mode: p.string().length(16).$type<RepositoryMode>(),
    syncIntervalMs: p.bigint("number"),
    metadataTtlMs: p.bigint("number").nullable(),
    upstreamMode: p.string().length(16).$type<UpstreamMode>(),
    /** ACTIVE or UNREACHABLE; DELETED follows from deleteTime. */
    state: p.string().length(16).$type<Exclude<RepositoryState, "DELETED">>(),
    /** The etag. */
    version: p.integer(),
    createTime: p.datetime(3),
    updateTime: p.datetime(3),
    deleteTime: p.datetime(3).nullable(),
    /** When the scheduler asks for the next run; null: only when asked. */
    nextIndexTime: p.datetime(3).nullable(),
  },
});

export const RepositoryLabelTable = defineEntity({
  name: "RepositoryLabel",
  tableName: "repository_label",
  indexes: [{ properties: ["name", "value"] }],
  properties: {
    repositoryUid: p.string().length(32).primary(),
    name: p.string().length(63).primary(),
    value: p.string().length(63),
  },
});

/** Apart from the repository, so that no query of repositories can return a secret. */
export const RepositoryCredentialTable = defineEntity({
  name: "RepositoryCredential",
  tableName: "repository_credential",
  properties: {
    repositoryUid: p.string().length(32).primary(),
    keyId: p.string().length(16),
    nonce: p.blob(),
    ciphertext: p.blob(),
    updateTime: p.datetime(3),
  },
});

export const RepositoryEventTable = defineEntity({
  name: "RepositoryEvent",
  tableName: "repository_event",
  indexes: [{ properties: ["repositoryUid", "id"] }],
  properties: {
    id: p.integer().primary().autoincrement(),
    repositoryId: p.string().length(63),
    repositoryUid: p.string().length(32).default(""),
    type: p.string().length(32),
    message: p.text().columnType("longtext"),
    /** JSON object. */
    facts: p.text().columnType("longtext"),
    actor: p.string().length(255),
    createTime: p.datetime(3),
  },
});

/**
 * "repositories" counts their changes: an auto-increment id would not do, ids become visible out of order. The row "events" is the lock under
 * which events get theirs.
 */
export const ChangeCounterTable = defineEntity({
  name: "ChangeCounter",
  tableName: "change_counter",
  properties: { name: p.string().length(32).primary(), value: p.bigint("number") },
});
