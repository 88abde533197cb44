import { CreateCatalogue as CreateOnMysql } from "./mysql/migration-20261120110000-create-catalogue.ts";
import { AddSearchAndOwnedEvents as AddOnMysql } from "./mysql/migration-20261120120000-add-search-and-owned-events.ts";
import { CreateCatalogue as CreateOnSqlite } from "./sqlite/migration-20261120110000-create-catalogue.ts";
import { AddSearchAndOwnedEvents as AddOnSqlite } from "./sqlite/migration-20261120120000-add-search-and-owned-events.ts";

/** The two dialects that the migrations are written in; MariaDB and MySQL share one. */
export type Dialect = "sqlite" | "mysql";

const CREATE = "20261120110000-create-catalogue";
const ADD_SEARCH = "20261120120000-add-search-and-owned-events";

const MIGRATIONS = {
  sqlite: [
    { name: CREATE, class: CreateOnSqlite },
    { name: ADD_SEARCH, class: AddOnSqlite },
  ],
  mysql: [
    { name: CREATE, class: CreateOnMysql },
    { name: ADD_SEARCH, class: AddOnMysql },
  ],
} as const;

/** The migrations of a dialect, in the order in which they run. A released one is never changed. */
export function migrationsOf(dialect: Dialect) {
  return [...MIGRATIONS[dialect]];
}
