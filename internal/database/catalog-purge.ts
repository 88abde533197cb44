import type { Session, Sql } from "./session.ts";

const PACKAGES_PER_CHUNK = 50;
const TASKS_PER_CHUNK = 500;
const FILES_PER_CHUNK = 200;

/** Removes what is kept of a repository that is no more, in small transactions: nobody waits long for a lock. */
export async function purgeCatalogue(session: Session, repositoryUid: string): Promise<void> {
  while (await session.write((sql) => purgePackages(sql, repositoryUid)));
  while (await session.write((sql) => purgeTasks(sql, repositoryUid)));
  while (await session.write((sql) => purgeLedger(sql, repositoryUid)));
  await session.write((sql) => sql.deleteFrom("index_state").where("repositoryUid", "=", repositoryUid).execute());
}

/** Purges what a process that was killed in `purgeCatalogue` has left. Returns how many repositories that were. */
export async function purgeOrphans(session: Session): Promise<number> {
  const orphans = await session.read((sql) =>
    sql
      .selectFrom("index_state")
      .select("index_state.repositoryUid")
      .where((eb) =>
        eb.not(
          eb.exists(
            eb
              .selectFrom("repository")
              .select("repository.id")
              .whereRef("repository.uid", "=", "index_state.repositoryUid"),
          ),
        ),
      )
      .execute(),
  );
  for (const { repositoryUid } of orphans) await purgeCatalogue(session, repositoryUid);
  return orphans.length;
}

async function purgePackages(sql: Sql, repositoryUid: string): Promise<boolean> {
  const rows = await sql
    .selectFrom("package")
    .select("id")
    .where("repositoryUid", "=", repositoryUid)
    .limit(PACKAGES_PER_CHUNK)
    .execute();
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return false;
  await sql.deleteFrom("version").where("packageId", "in", ids).execute();
  await sql.deleteFrom("package").where("id", "in", ids).execute();
  return true;
}

async function purgeTasks(sql: Sql, repositoryUid: string): Promise<boolean> {
  const rows = await sql
    .selectFrom("index_task")
    .select("id")
    .where("repositoryUid", "=", repositoryUid)
    .limit(TASKS_PER_CHUNK)
    .execute();
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return false;
  await sql.deleteFrom("index_issue").where("taskId", "in", ids).execute();
  await sql.deleteFrom("index_task").where("id", "in", ids).execute();
  return true;
}

async function purgeLedger(sql: Sql, repositoryUid: string): Promise<boolean> {
  const rows = await sql
    .selectFrom("file_ledger")
    .select("path")
    .where("repositoryUid", "=", repositoryUid)
    .limit(FILES_PER_CHUNK)
    .execute();
  const paths = rows.map(({ path }) => path);
  if (paths.length === 0) return false;
  await sql.deleteFrom("file_ledger").where("repositoryUid", "=", repositoryUid).where("path", "in", paths).execute();
  return true;
}
