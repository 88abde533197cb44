import type { Migration } from "@mikro-orm/migrations";
import { foldDescription, foldText } from "#internal/repository/search-query.ts";

const ROWS_PER_READ = 500;

interface Row {
  readonly id: number;
  readonly name: string;
  readonly description: string;
}

/** Gives packages that were listed before there was a search what is searched. No SQL folds as `foldText` does. */
export async function foldPackages(migration: Pick<Migration, "execute">): Promise<void> {
  for (let afterId = 0; ; ) {
    const rows = await readUnfolded(migration, afterId);
    for (const { id, name, description } of rows) {
      const folded = [foldText(name), foldDescription(description), id];
      await migration.execute("update package set search_name = ?, search_description = ? where id = ?", folded);
    }
    const last = rows.at(-1);
    if (!last) return;
    afterId = last.id;
  }
}

async function readUnfolded(migration: Pick<Migration, "execute">, afterId: number): Promise<Row[]> {
  const query = "select id, name, description from package where id > ? and search_name = '' order by id limit ?";
  return (await migration.execute(query, [afterId, ROWS_PER_READ])) as unknown as Row[];
}
