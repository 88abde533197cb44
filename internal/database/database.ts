import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "#internal/fault/fault.ts";
import { type CatalogStore, createCatalogStore } from "./catalog-store.ts";
import { type Connected, connect } from "./connect.ts";
import { createFileLedger, type FileLedger } from "./file-ledger.ts";
import { createIndexTaskStore, type IndexTaskStore } from "./index-task-store.ts";
import { migrate } from "./migrate.ts";
import { createRepositoryStore, type RepositoryStore } from "./repository-store.ts";
import { createSecretBox } from "./secret-box.ts";
import { createSession } from "./session.ts";
import { describeBreakage, isLostConnection } from "./sql-errors.ts";

const HEALTH_TIMEOUT_MS = 2_000;

/** The catalogue: every table behind its store. */
export interface Database {
  readonly repositories: RepositoryStore;
  readonly catalog: CatalogStore;
  readonly tasks: IndexTaskStore;
  readonly ledger: FileLedger;
  /** Whether it answers now. Never throws. */
  healthy(): Promise<boolean>;
  close(): Promise<void>;
}

export interface DatabaseOptions {
  /** `sqlite:<path>` or `mysql://user:password@host:port/name`, which must exist. */
  readonly url: string;
  /** 32 bytes: encrypts the credentials at rest. */
  readonly secretKey: Buffer;
}

/**
 * Connects, and brings the schema up to date.
 * @throws Fault ARGUMENT_INVALID for the URL or key; DATABASE_UNAVAILABLE when nobody answers, or the schema is newer than this program.
 */
export async function openDatabase({ url, secretKey }: DatabaseOptions): Promise<Database> {
  const box = createSecretBox(secretKey);
  const connected = await connectAndMigrate(url);
  const session = createSession(connected);
  return {
    repositories: createRepositoryStore(session, box),
    catalog: createCatalogStore(session),
    tasks: createIndexTaskStore(session),
    ledger: createFileLedger(session),
    healthy: () => answers(connected),
    close: () => connected.orm.close(true),
  };
}

async function connectAndMigrate(url: string): Promise<Connected> {
  try {
    const connected = await connect(url);
    try {
      await migrate(connected);
      return connected;
    } catch (error) {
      await connected.orm.close(true);
      throw error;
    }
  } catch (error) {
    throw openFault(url, error);
  }
}

function openFault(url: string, error: unknown): unknown {
  const broken = isLostConnection(error) ? "nobody answers" : describeBreakage(error);
  if (broken === undefined) return error;
  // Not the URL: it may hold a password.
  const place = url.startsWith("mysql:") ? new URL(url).host : url;
  return new Fault(
    "DATABASE_UNAVAILABLE",
    `the database at ${place} cannot be opened: ${broken}`,
    { place },
    { cause: error },
  );
}

async function answers({ orm }: Connected): Promise<boolean> {
  const silence = sleep(HEALTH_TIMEOUT_MS, false, { ref: false });
  return Promise.race([orm.isConnected().catch(() => false), silence]);
}
