import { setTimeout as sleep } from "node:timers/promises";
import { Fault } from "#internal/fault/fault.ts";
import type { Connected } from "./connect.ts";
import { migrationsOf } from "./migrations/migrations.ts";
import { isTransient } from "./sql-errors.ts";

const LOCK_TIMEOUT_S = 120;
const MAX_TRIES = 20;
const PAUSE_MS = 100;

/**
 * Brings the schema up to date. Safe when several processes start at once: one migrates, the others wait for it.
 * @throws Fault DATABASE_UNAVAILABLE when the schema is newer than this program, or nobody gives the lock back.
 */
export async function migrate(connected: Connected): Promise<void> {
  await (connected.dialect === "mysql" ? migrateMysql(connected) : migrateSqlite(connected));
}

/** The lock belongs to a connection, and MySQL gives it back when that breaks. */
async function migrateMysql(connected: Connected): Promise<void> {
  const { orm } = connected;
  await orm.em.fork().transactional(async (em) => {
    const [got] = await em.execute<{ got: number | null }[]>(
      "select get_lock(concat('larder.', sha1(database())), ?) as got",
      [LOCK_TIMEOUT_S],
    );
    if (got?.got !== 1) throw lockedFault();
    try {
      await runPending(connected);
    } finally {
      await em.execute("select release_lock(concat('larder.', sha1(database())))");
    }
  });
}

/** A migration is one transaction: of two processes one gets the file, and the other finds the work done when it tries again. */
async function migrateSqlite(connected: Connected): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      return await runPending(connected);
    } catch (error) {
      if (tries === MAX_TRIES || !isCollision(error)) throw error;
      await sleep(PAUSE_MS * Math.random());
    }
  }
}

function isCollision(error: unknown): boolean {
  return isTransient(error) || /already exists|UNIQUE constraint/.test((error as Error).message);
}

async function runPending({ orm, dialect }: Connected): Promise<void> {
  const known = new Set<string>(migrationsOf(dialect).map(({ name }) => name));
  const executed = await orm.migrator.getExecuted();
  const newer = executed.find(({ name }) => !known.has(name));
  if (newer) {
    throw new Fault(
      "DATABASE_UNAVAILABLE",
      `the database was made by a newer Larder (it has the migration ${newer.name}): start that one, or restore a backup`,
      { migration: newer.name },
    );
  }
  await orm.migrator.up();
}

function lockedFault(): Fault {
  return new Fault("DATABASE_UNAVAILABLE", `another process has been migrating the database for ${LOCK_TIMEOUT_S} s`);
}
