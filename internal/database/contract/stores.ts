import { randomBytes } from "node:crypto";
import { afterAll, afterEach, beforeAll } from "vitest";
import { type Database, openDatabase } from "../database.ts";
import type { NewRepository } from "../repository-changes.ts";

/** Where a suite gets an empty database. */
export interface DatabaseSource {
  /** Whether several processes may write at once. The embedded database has one owner. */
  readonly owners: "one" | "many";
  /** The same empty database each time, until `drop`. */
  url(): Promise<string>;
  drop(): Promise<void>;
}

export const SECRET_KEY = randomBytes(32);

/** One database for the tests of a suite; each test names its own repositories. */
export function useDatabase(source: DatabaseSource): { readonly database: Database; readonly url: string } {
  const used: { database?: Database; url?: string } = {};
  beforeAll(async () => {
    used.url = await source.url();
    used.database = await openDatabase({ url: used.url, secretKey: SECRET_KEY });
  });
  afterAll(async () => {
    await used.database?.close();
    await source.drop();
  });
  return {
    get database() {
      if (!used.database) throw new Error("no database is open");
      return used.database;
    },
    get url() {
      if (!used.url) throw new Error("no database is open");
      return used.url;
    },
  };
}

/** Closes what a test has opened. */
export function closeAfterEach(): (database: Database) => Database {
  const opened: Database[] = [];
  afterEach(async () => {
    for (const database of opened.splice(0)) await database.close();
  });
  return (database) => {
    opened.push(database);
    return database;
  };
}

let count = 0;

/** An id that no other test of the suite has. */
export function newRepositoryId(prefix = "charts"): string {
  return `${prefix}-${(count++).toString().padStart(4, "0")}`;
}

/** A repository that is fine, with what the test wants to be different. */
export function someRepository(fields: Partial<NewRepository> = {}): NewRepository {
  return {
    id: newRepositoryId(),
    format: "helm",
    displayName: "Charts",
    description: "",
    upstreamUrl: "http://registry.example/charts/",
    fileOrigins: [],
    upstreamTrusted: false,
    visibility: "PRIVATE",
    owner: "users/ann",
    labels: {},
    mode: "PROXY",
    syncIntervalMs: 0,
    metadataTtlMs: undefined,
    state: "ACTIVE",
    ...fields,
  };
}

/** What a Fault of this reason looks like. */
export function fault(reason: string) {
  return { name: "Fault", reason };
}
