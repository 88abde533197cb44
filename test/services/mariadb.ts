import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { mustRun } from "./command.ts";
import { askDatabase } from "./database.ts";
import { findBinary } from "./find-binary.ts";
import { freePort } from "./free-port.ts";
import { startServerProcess } from "./server-process.ts";

/** A throw-away MariaDB with an empty catalogue. */
export interface MariadbServer {
  /** mysql://root@127.0.0.1:PORT; without a database, see `createDatabase`. */
  readonly url: string;
  /** Ends the server and removes its folder. */
  stop(): Promise<void>;
}

/** Starts a MariaDB with a data folder and a port of its own; root has no password. Throws when the machine has none. */
export async function startMariadb(): Promise<MariadbServer> {
  const folder = await mkdtemp(join(tmpdir(), "larder-mariadb-"));
  try {
    await install(join(folder, "data"));
    return await serve(folder, await freePort());
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

async function install(dataFolder: string): Promise<void> {
  await mustRun(need("mariadb-install-db"), [
    "--no-defaults",
    ...asUser(),
    `--datadir=${dataFolder}`,
    "--auth-root-authentication-method=normal",
    "--skip-test-db",
    "--skip-name-resolve",
  ]);
}

async function serve(folder: string, port: number): Promise<MariadbServer> {
  const url = `mysql://root@127.0.0.1:${port}`;
  const server = await startServerProcess({
    file: need("mariadbd"),
    args: [
      "--no-defaults",
      ...asUser(),
      `--datadir=${join(folder, "data")}`,
      `--port=${port}`,
      "--bind-address=127.0.0.1",
      `--socket=${join(folder, "my.sock")}`,
      `--pid-file=${join(folder, "pid")}`,
      "--skip-name-resolve",
    ],
    logFile: join(folder, "log"),
    isReady: async () => (await askDatabase(url, "SELECT 1")).code === 0,
  });
  return {
    url,
    stop: async () => {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

// The server refuses to run as root unless told, and refuses to be told by anybody else.
function asUser(): string[] {
  return process.getuid?.() === 0 ? ["--user=root"] : [];
}

function need(name: string): string {
  const path = findBinary(name);
  if (path === undefined)
    throw new Error(`${name} is not on the PATH: install mariadb-server, or set LARDER_TEST_DATABASE_URL`);
  return path;
}
