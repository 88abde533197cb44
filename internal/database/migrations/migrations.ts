import { CreateCatalogue as CreateOnMysql } from "./mysql/migration-20261120110000-create-catalogue.ts";
import { AddSearchAndOwnedEvents as AddOnMysql } from "./mysql/migration-20261120120000-add-search-and-owned-events.ts";
import { AddFileLedger as LedgerOnMysql } from "./mysql/migration-20261120121740-add-file-ledger.ts";
import { CreateCatalogue as CreateOnSqlite } from "./sqlite/migration-20261120110000-create-catalogue.ts";
import { AddSearchAndOwnedEvents as AddOnSqlite } from "./sqlite/migration-20261120120000-add-search-and-owned-events.ts";
import { AddFileLedger as LedgerOnSqlite } from "./sqlite/migration-20261120121740-add-file-ledger.ts";

/** The two dialects that the migrations are written in; MariaDB and MySQL share one. */
export type Dialect = "sqlite" | "mysql";

const CREATE = "20261120110000-create-catalogue";
const ADD_SEARCH = "20261120120000-add-search-and-owned-events";
const ADD_LEDGER = "20261120121740-add-file-ledger";

const MIGRATIONS = {
  sqlite: [
    { name: CREATE, class: CreateOnSqlite },
    { name: ADD_SEARCH, class: AddOnSqlite },
    { name: ADD_LEDGER, class: LedgerOnSqlite },
  ],
  mysql: [
    { name: CREATE, class: CreateOnMysql },
    { name: ADD_SEARCH, class: AddOnMysql },
    { name: ADD_LEDGER, class: LedgerOnMysql },
  ],
} as const;

/** The migrations of a dialect, in the order in which they run. A released one is never changed. */
export function migrationsOf(dialect: Dialect) {
  return [...MIGRATIONS[dialect]];
}
