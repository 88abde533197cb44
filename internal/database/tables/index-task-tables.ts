import { defineEntity, p } from "@mikro-orm/core";
import type { IndexTaskState } from "#internal/repository/index-task.ts";

export const IndexTaskTable = defineEntity({
  name: "IndexTask",
  tableName: "index_task",
  indexes: [
    { properties: ["state", "nextAttemptTime"] },
    { properties: ["state", "leaseUntil"] },
    { properties: ["repositoryUid", "id"] },
    { properties: ["repositoryId", "id"] },
  ],
  properties: {
    id: p.string().length(32).primary(),
    repositoryId: p.string().length(63),
    repositoryUid: p.string().length(32),
    /** The repository's uid while the task is active, else null: the unique key lets one active task be. */
    activeKey: p.string().length(32).nullable().unique(),
    state: p.string().length(16).$type<IndexTaskState>(),
    forced: p.tinyint(),
    /** JSON array; empty: all. */
    packages: p.text().columnType("longtext"),
    rerun: p.tinyint(),
    rerunForced: p.tinyint(),
    /** JSON array, as `packages`, of the run that follows. */
    rerunPackages: p.text().columnType("longtext"),
    rerunActor: p.string().length(255),
    /** The index whose removals the guard lets pass; "" for none. */
    confirmedDigest: p.string().length(80).default(""),
    actor: p.string().length(255),
    attempt: p.integer(),
    leaseOwner: p.string().length(255).nullable(),
    leaseUntil: p.datetime(3).nullable(),
    nextAttemptTime: p.datetime(3).nullable(),
    seen: p.bigint("number"),
    added: p.bigint("number"),
    updated: p.bigint("number"),
    removed: p.bigint("number"),
    skipped: p.bigint("number"),
    failed: p.bigint("number"),
    /** Packages of the index `progressDigest` that are in the catalogue: a taken-over run goes on there. */
    progress: p.integer(),
    progressDigest: p.string().length(80),
    unchanged: p.tinyint(),
    digestBefore: p.string().length(80),
    indexDigest: p.string().length(80),
    cause: p.text().columnType("longtext"),
    causeReason: p.string().length(64),
    createTime: p.datetime(3),
    startTime: p.datetime(3).nullable(),
    endTime: p.datetime(3).nullable(),
  },
});

export const IndexIssueTable = defineEntity({
  name: "IndexIssue",
  tableName: "index_issue",
  indexes: [{ properties: ["taskId", "id"] }],
  properties: {
    id: p.integer().primary().autoincrement(),
    taskId: p.string().length(32),
    packageName: p.text().columnType("longtext"),
    version: p.text().columnType("longtext"),
    message: p.text().columnType("longtext"),
  },
});

/** Doorbells that are to be rung; written with the task, removed when the queue has them. */
export const OutboxTable = defineEntity({
  name: "Outbox",
  tableName: "outbox",
  indexes: [{ properties: ["dueTime", "id"] }, { properties: ["taskId"] }],
  properties: {
    id: p.integer().primary().autoincrement(),
    taskId: p.string().length(32),
    attempt: p.integer(),
    dueTime: p.datetime(3),
  },
});

/** What is known of a repository's index. Success, check and error are apart: one does not hide the other. */
export const IndexStateTable = defineEntity({
  name: "IndexState",
  tableName: "index_state",
  properties: {
    repositoryUid: p.string().length(32).primary(),
    /** Of the index that the catalogue says all of; "" when there is none. */
    digest: p.string().length(80),
    /** The upstream that the validators belong to. */
    upstreamUrl: p.text().columnType("longtext"),
    etag: p.text().columnType("longtext"),
    lastModified: p.text().columnType("longtext"),
    lastCheckTime: p.datetime(3).nullable(),
    lastSuccessTime: p.datetime(3).nullable(),
    lastErrorTime: p.datetime(3).nullable(),
    lastError: p.text().columnType("longtext"),
  },
});
