import { join } from "node:path";
import { type Authenticate, createAuthenticate } from "#internal/access/access.ts";
import { readOrCreateSecret } from "#internal/access/secret-file.ts";
import { parseSecretKey } from "#internal/config/parse-secrets.ts";
import { type Database, openDatabase } from "#internal/database/database.ts";
import { everyRepository } from "#internal/database/every-repository.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { openSnapshot, type RepositorySnapshot } from "#internal/repository/snapshot.ts";
import { holdAlone } from "./hold-alone.ts";
import type { Foundation } from "./process-life.ts";
import { StartFailure } from "./start-failure.ts";

/** Changes of other processes are seen after this at the latest. */
export const SNAPSHOT_POLL_MS = 1_000;

/** The SQL catalogue, its migrations run. */
export async function openCatalogue(foundation: Foundation): Promise<Database> {
  const { configuration, onStop, onHealth } = foundation;
  const { secretKey, dataDir, databaseUrl } = configuration;
  await holdEmbedded(foundation);
  const key = secretKey ?? (await keyOfFile(join(dataDir, "secret-key")));
  const database = await openDatabase({ url: databaseUrl, secretKey: Buffer.from(key) });
  onStop(() => database.close());
  onHealth("database", () => database.healthy());
  return database;
}

/** @throws StartFailure when it is no key, e.g. cut short: what it encrypted would be lost without a word. */
async function keyOfFile(path: string): Promise<Uint8Array> {
  const text = await readOrCreateSecret(path);
  try {
    return parseSecretKey(text);
  } catch (error) {
    throw new StartFailure(`${path} ${(error as Error).message}: restore it, or set LARDER_SECRET_KEY`, error);
  }
}

/** SQLite's file has one process: with two, work that reads and then writes fails at random. */
async function holdEmbedded(foundation: Foundation): Promise<void> {
  const [, path] = /^sqlite:(.+)$/s.exec(foundation.configuration.databaseUrl) ?? [];
  if (path === undefined) return;
  const taken = `another process uses the database ${path}: stop it, give this one a LARDER_DATA_DIR of its own, or let both use MySQL`;
  await holdAlone(foundation, `${path}.lock`, taken);
}

/** Knows the administrator's token: the configured one, else the one of the data folder, made at the first start. */
export async function openAccess({ configuration }: Foundation): Promise<Authenticate> {
  const { adminToken, dataDir } = configuration;
  return createAuthenticate(adminToken ?? (await readOrCreateSecret(join(dataDir, "admin-token"))));
}

/** The repositories of the catalogue in memory; changes of this process are seen at once. */
export async function openRepositories(
  { logger, onStop }: Foundation,
  store: RepositoryStore,
): Promise<RepositorySnapshot> {
  const onError = (error: unknown): void => logger.warn("the repositories could not be read again", { error });
  const snapshot = await openSnapshot({
    load: () => Array.fromAsync(everyRepository(store)),
    cursor: () => store.changeCursor(),
    pollMs: SNAPSHOT_POLL_MS,
    onError,
  });
  const forget = store.onChange(() => void snapshot.refresh().catch(onError));
  onStop(async () => {
    forget();
    snapshot.stop();
  });
  return snapshot;
}
