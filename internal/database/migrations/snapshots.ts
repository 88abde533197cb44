import { join } from "node:path";
import { Migrator } from "@mikro-orm/migrations";
import { tables } from "../tables/tables.ts";
import type { Dialect } from "./migrations.ts";

/**
 * An ORM that compares the tables with the snapshot of a dialect; it needs no server. `migrator.create` writes the difference as a new
 * migration, to be reviewed, named and listed in migrations.ts.
 */
export async function openSnapshot(dialect: Dialect) {
  const options = {
    entities: tables,
    extensions: [Migrator],
    migrations: {
      path: join(import.meta.dirname, dialect),
      snapshotName: "snapshot",
      emit: "ts" as const,
      fileName: (timestamp: string, name?: string) => `migration-${timestamp}-${name}`,
    },
    preferTs: false,
    logger: () => undefined,
  };
  if (dialect === "sqlite") {
    const { MikroORM } = await import("@mikro-orm/sqlite");
    return MikroORM.init({ ...options, dbName: ":memory:" });
  }
  const { MikroORM } = await import("@mikro-orm/mariadb");
  return MikroORM.init({ ...options, dbName: "larder", charset: "utf8mb4", collate: "utf8mb4_bin" });
}
