import { openSnapshot } from "./snapshots.ts";

/** `node internal/database/migrations/create-migration.ts <name>`: writes what the tables have that the snapshots have not, for both dialects. */
const name = process.argv[2];
if (!name || !/^[a-z][a-z0-9-]*$/.test(name)) throw new Error("name the migration in kebab-case, e.g. add-users");
for (const dialect of ["sqlite", "mysql"] as const) {
  const orm = await openSnapshot(dialect);
  const { fileName } = await orm.migrator.create(undefined, false, false, name);
  process.stdout.write(`${dialect}: ${fileName || "nothing has changed"}\n`);
  await orm.close(true);
}
