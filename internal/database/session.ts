import { setImmediate as immediate, setTimeout as sleep } from "node:timers/promises";
import type { Kysely, SqlEntityManager } from "@mikro-orm/sqlite";
import { Fault } from "#internal/fault/fault.ts";
import type { Connected } from "./connect.ts";
import { describeBreakage, isLostConnection, isTransient } from "./sql-errors.ts";
import type { Tables } from "./tables/tables.ts";

/** Typed queries, within the transaction when there is one. */
export type Sql = Kysely<Tables>;

/** The way to the database that every store takes. */
export interface Session {
  /** Queries outside of a transaction. */
  read<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
  /**
   * One transaction; `work` may run several times, so it must not act on anything but `sql`. `now` is the database's clock.
   * @throws Fault DATABASE_UNAVAILABLE when the database cannot be reached, or went away while it committed.
   */
  write<Result>(work: (sql: Sql, now: Date) => Promise<Result>): Promise<Result>;
}

const MAX_TRIES = 8;
const FIRST_PAUSE_MS = 20;
const MAX_PAUSE_MS = 1_000;

/** Runs queries on forks of the connection, and repeats what a deadlock, a busy file or a lost connection has undone. */
export function createSession({ orm, dialect }: Connected): Session {
  return {
    read: (work) =>
      withRetries(
        () => work(queriesOf(orm.em.fork())),
        () => true,
      ),
    write: (work) => {
      let committing = false;
      const transaction = async () => {
        committing = false;
        return orm.em.fork().transactional(async (em) => {
          const result = await work(queriesOf(em), await databaseTime(em, dialect));
          committing = true;
          return result;
        }, isolation(dialect));
      };
      // Nobody knows whether a commit that broke has happened, so it is not repeated.
      return withRetries(transaction, () => !committing);
    },
  };
}

async function withRetries<Result>(work: () => Promise<Result>, mayRepeat: () => boolean): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      const result = await work();
      // SQLite answers without ever leaving the thread: a long row of statements would let nothing else in.
      await immediate();
      return result;
    } catch (error) {
      const lost = isLostConnection(error);
      const repeat = tries < MAX_TRIES && (isTransient(error) || (lost && mayRepeat()));
      if (!repeat) throw toFault(error);
      await sleep(pauseMs(tries));
    }
  }
}

/** Doubles with every try; the jitter keeps those that collided apart. */
function pauseMs(tries: number): number {
  return Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** tries) * (0.5 + Math.random() / 2);
}

function toFault(error: unknown): unknown {
  const broken = describeBreakage(error);
  if (broken === undefined && !isLostConnection(error) && !isTransient(error)) return error;
  const why = broken ?? `it does not answer (${(error as { code?: string }).code}): try again later`;
  return new Fault("DATABASE_UNAVAILABLE", `the database cannot be used: ${why}`, {}, { cause: error });
}

function queriesOf(em: SqlEntityManager): Sql {
  return em.getKysely<Tables>({ columnNamingStrategy: "property", convertValues: true });
}

// SQLite has one writer and knows no levels.
function isolation(dialect: Connected["dialect"]) {
  return dialect === "mysql" ? { isolationLevel: "read committed" as const } : {};
}

async function databaseTime(em: SqlEntityManager, dialect: Connected["dialect"]): Promise<Date> {
  const query =
    dialect === "mysql"
      ? "select date_format(utc_timestamp(3), '%Y-%m-%dT%H:%i:%s.%fZ') as now"
      : "select strftime('%Y-%m-%dT%H:%M:%fZ', 'now') as now";
  const [row] = await em.execute<{ now: string }[]>(query);
  if (row === undefined) throw new Error("the database does not tell the time");
  return new Date(row.now);
}
