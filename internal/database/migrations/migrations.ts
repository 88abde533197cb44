import { CreateCatalogue as CreateOnMysql } from "./mysql/migration-20261120110000-create-catalogue.ts";
import { CreateCatalogue as CreateOnSqlite } from "./sqlite/migration-20261120110000-create-catalogue.ts";

/** The two dialects that the migrations are written in; MariaDB and MySQL share one. */
export type Dialect = "sqlite" | "mysql";

const MIGRATIONS = {
  sqlite: [{ name: "20261120110000-create-catalogue", class: CreateOnSqlite }],
  mysql: [{ name: "20261120110000-create-catalogue", class: CreateOnMysql }],
} as const;

/** The migrations of a dialect, in the order in which they run. A released one is never changed. */
export function migrationsOf(dialect: Dialect) {
  return [...MIGRATIONS[dialect]];
}
