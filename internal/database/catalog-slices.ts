import type { Session, Sql } from "./session.ts";

/** Packages by their ids: greater than `afterId`, and at most `untilId` when there is one. */
export interface PackageSlice {
  readonly afterId: number;
  readonly untilId: number | undefined;
}

/** So many are looked through in some milliseconds: SQLite lets nothing else in meanwhile. */
const PACKAGES_PER_SLICE = 20_000;
const WHOLE: PackageSlice = { afterId: 0, untilId: undefined };

/** Cuts the table of packages so that no query looks at too many of them; one slice when these repositories have few. */
export async function* slicesFor(
  session: Session,
  repositoryUids: readonly string[],
  size = PACKAGES_PER_SLICE,
): AsyncIterable<PackageSlice> {
  if ((await session.read((sql) => countPackages(sql, repositoryUids))) <= size) return yield WHOLE;
  let afterId = 0;
  for (;;) {
    const untilId = await session.read((sql) => idAt(sql, afterId, size));
    yield { afterId, untilId };
    if (untilId === undefined) return;
    afterId = untilId;
  }
}

async function countPackages(sql: Sql, repositoryUids: readonly string[]): Promise<number> {
  const row = await sql
    .selectFrom("package")
    .select((eb) => eb.fn.countAll<number | string>().as("count"))
    .where("repositoryUid", "in", repositoryUids)
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

async function idAt(sql: Sql, afterId: number, offset: number): Promise<number | undefined> {
  const query = sql.selectFrom("package").select("id").where("id", ">", afterId).orderBy("id");
  return (await query.limit(1).offset(offset).executeTakeFirst())?.id;
}
