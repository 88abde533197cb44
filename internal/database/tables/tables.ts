import type { InferKyselyDB } from "@mikro-orm/sqlite";
import { PackageTable, VersionTable } from "./catalog-tables.ts";
import { FileLedgerTable } from "./file-tables.ts";
import { IndexIssueTable, IndexStateTable, IndexTaskTable, OutboxTable } from "./index-task-tables.ts";
import {
  ChangeCounterTable,
  RepositoryCredentialTable,
  RepositoryEventTable,
  RepositoryLabelTable,
  RepositoryTable,
} from "./repository-tables.ts";

/** Every table. One set for both dialects; flags are 0 or 1, because SQLite binds no booleans. */
export const tables = [
  RepositoryTable,
  RepositoryLabelTable,
  RepositoryCredentialTable,
  RepositoryEventTable,
  ChangeCounterTable,
  PackageTable,
  VersionTable,
  IndexTaskTable,
  IndexIssueTable,
  OutboxTable,
  IndexStateTable,
  FileLedgerTable,
];

/** Columns in lowerCamelCase by table, as queries see them. Rows never leave the room. */
export type Tables = InferKyselyDB<(typeof tables)[number], { columnNamingStrategy: "property" }>;
