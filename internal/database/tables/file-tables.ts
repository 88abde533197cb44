import { defineEntity, p } from "@mikro-orm/core";

/** What a file was when it was first fetched. Rows are added, never changed. */
export const FileLedgerTable = defineEntity({
  name: "FileLedger",
  tableName: "file_ledger",
  properties: {
    repositoryUid: p.string().length(32).primary(),
    /** `ledgerPath` of the file's path. */
    path: p.string().length(512).primary(),
    /** Lower-case hex. */
    sha256: p.string().length(64),
    sizeBytes: p.bigint("number"),
    /** "" where the path does not say. */
    packageName: p.string().length(255),
    version: p.string().length(255),
    firstSeenTime: p.datetime(3),
  },
});
