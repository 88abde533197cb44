import { randomBytes } from "node:crypto";
import { type CommandResult, runCommand } from "./command.ts";
import { findBinary } from "./find-binary.ts";

/** A database of one test file. */
export interface TestDatabase {
  /** mysql://user:password@host:port/name */
  readonly url: string;
  drop(): Promise<void>;
}

/**
 * URL of the run's MariaDB or MySQL, from LARDER_TEST_DATABASE_URL, which `npm test` sets.
 * Its user may create databases; a database name in it is not used. Throws when unset: SQL tests never skip.
 */
export function databaseUrl(): string {
  const url = process.env.LARDER_TEST_DATABASE_URL;
  if (!url) throw new Error("this test needs MariaDB: run it through npm test, or set LARDER_TEST_DATABASE_URL");
  return url;
}

/** A new, empty database on the run's server, with a name that nobody else has. */
export async function emptyDatabase(): Promise<TestDatabase> {
  const server = databaseUrl();
  const name = `larder_test_${randomBytes(6).toString("hex")}`;
  return { url: await createDatabase(server, name), drop: () => dropDatabase(server, name) };
}

/** Creates the database (utf8mb4) on the server of `url` and returns the URL with its name. Throws when it exists. */
export async function createDatabase(url: string, name: string): Promise<string> {
  await mustAsk(url, `CREATE DATABASE \`${name}\` CHARACTER SET utf8mb4`);
  const database = new URL(url);
  database.pathname = `/${name}`;
  return database.href;
}

/** Removes the database if it is there. */
export async function dropDatabase(url: string, name: string): Promise<void> {
  await mustAsk(url, `DROP DATABASE IF EXISTS \`${name}\``);
}

async function mustAsk(url: string, sql: string): Promise<void> {
  const { code, output } = await askDatabase(url, sql);
  if (code !== 0) throw new Error(`${sql} failed: ${output.trim()}`);
}

/** Runs SQL by the client program, rows as tab-separated lines. Never throws: a server that is away is a code. */
export async function askDatabase(url: string, sql: string): Promise<CommandResult> {
  const client = findBinary("mariadb", "mysql");
  if (client === undefined) throw new Error("neither mariadb nor mysql is on the PATH: install mariadb-client");
  const { hostname, port, username, password } = new URL(url);
  const args = [
    "--no-defaults",
    "--protocol=tcp",
    `--host=${hostname}`,
    `--port=${port || "3306"}`,
    "--batch",
    "--skip-column-names",
  ];
  if (username) args.push(`--user=${decodeURIComponent(username)}`);
  return runCommand(client, [...args, `--execute=${sql}`], {
    environment: { ...process.env, MYSQL_PWD: decodeURIComponent(password) },
  });
}
