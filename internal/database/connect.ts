import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { Migrator } from "@mikro-orm/migrations";
import type { MikroORM } from "@mikro-orm/sqlite";
import { Fault } from "#internal/fault/fault.ts";
import { type Dialect, migrationsOf } from "./migrations/migrations.ts";
import { tables } from "./tables/tables.ts";

/** An ORM that has answered once. */
export interface Connected {
  readonly orm: MikroORM;
  readonly dialect: Dialect;
}

const CONNECT_TIMEOUT_MS = 5_000;
const BUSY_TIMEOUT_MS = 10_000;
const SQLITE = "sqlite:";

/**
 * Connects to `sqlite:<path>` or `mysql://user:password@host:port/name`. Drivers are loaded when they are needed: each costs start-up time.
 * @throws Fault ARGUMENT_INVALID for another URL; what the driver throws when nobody answers.
 */
export async function connect(url: string): Promise<Connected> {
  if (url.startsWith(SQLITE)) return { orm: await connectSqlite(url.slice(SQLITE.length)), dialect: "sqlite" };
  if (url.startsWith("mysql://")) return { orm: await connectMysql(url), dialect: "mysql" };
  const scheme = url.slice(0, url.indexOf(":") + 1);
  throw new Fault("ARGUMENT_INVALID", `database URL "${scheme}…" must begin with sqlite: or mysql://`, {
    field: "databaseUrl",
  });
}

async function connectSqlite(path: string): Promise<MikroORM> {
  const { MikroORM: Sqlite } = await import("@mikro-orm/sqlite");
  await mkdir(dirname(path), { recursive: true });
  const orm = await Sqlite.init({ ...options("sqlite"), dbName: path, driverOptions: { timeout: BUSY_TIMEOUT_MS } });
  // WAL lets readers of the file (backup, inspection) be; FULL: what is acknowledged survives a power cut.
  for (const pragma of ["journal_mode = wal", "synchronous = full", "foreign_keys = on"]) {
    await orm.em.execute(`pragma ${pragma}`);
  }
  return orm;
}

async function connectMysql(url: string): Promise<MikroORM> {
  const mariadb = await import("@mikro-orm/mariadb");
  const orm = await mariadb.MikroORM.init(mysqlOptions(url));
  // Each server has its own driver: the one of MySQL misreads some column types of MariaDB, and the other way round.
  const [{ version }] = await orm.em.execute<[{ version: string }]>("select version() as version");
  if (/mariadb/i.test(version)) return orm as unknown as MikroORM;
  await orm.close(true);
  const mysql = await import("@mikro-orm/mysql");
  return (await mysql.MikroORM.init(mysqlOptions(url))) as unknown as MikroORM;
}

function mysqlOptions(url: string) {
  const { pathname } = new URL(url);
  return {
    ...options("mysql"),
    clientUrl: url,
    dbName: decodeURIComponent(pathname.slice(1)),
    charset: "utf8mb4",
    // Case and accents tell names apart, as on SQLite.
    collate: "utf8mb4_bin",
    pool: { min: 0, max: 10 },
    driverOptions: { connectTimeout: CONNECT_TIMEOUT_MS, enableKeepAlive: true },
  };
}

function options(dialect: Dialect) {
  return {
    entities: tables,
    extensions: [Migrator],
    migrations: { migrationsList: migrationsOf(dialect), snapshot: false, silent: true },
    discovery: { warnWhenNoEntities: false },
    ensureDatabase: false,
    logger: () => undefined,
  };
}
