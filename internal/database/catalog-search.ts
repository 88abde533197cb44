import { Fault } from "#internal/fault/fault.ts";
import type { Package } from "#internal/repository/package.ts";
import { readSearchWords } from "#internal/repository/search-query.ts";
import { toPackage } from "./catalog-rows.ts";
import { type PackageSlice, slicesFor } from "./catalog-slices.ts";
import { type Cursor, cursorOf, type Page, type PageRequest, pageOf, pageSizeOf } from "./page.ts";
import type { Session, Sql } from "./session.ts";

/** What SearchPackages asks for. */
export interface SearchRequest extends PageRequest {
  /** 1 to 10 words, 200 characters. */
  readonly query: string;
}

/** A package, and where it is. */
export interface FoundPackage {
  readonly repositoryId: string;
  readonly package: Package;
}

/** As many parameters as SQLite binds, with room for the others. */
const MAX_REPOSITORIES = 30_000;

/** Best first: the name is one of the words, begins with one, has one, has none; then by name and repository. */
export async function searchPackages(
  session: Session,
  repositoryUids: readonly string[],
  request: SearchRequest,
  packagesPerSlice?: number,
): Promise<Page<FoundPackage>> {
  const words = readSearchWords(request.query);
  const size = pageSizeOf(request);
  const scope = ["search", words, repositoryUids.length === 1 ? repositoryUids[0] : "many"];
  const cursor = cursorOf(request, scope, [0, "", ""]);
  if (repositoryUids.length > MAX_REPOSITORIES) throw tooMany(repositoryUids.length);
  if (repositoryUids.length === 0) return { items: [], nextPageToken: "" };
  let found: Found[] = [];
  for await (const slice of slicesFor(session, repositoryUids, packagesPerSlice)) {
    const more = await session.read((sql) => selectFound(sql, repositoryUids, slice, words, cursor, size + 1));
    found = [...found, ...more].toSorted(inOrder).slice(0, size + 1);
  }
  const page = pageOf(
    found,
    size,
    scope,
    ({ rank, name, repositoryId }) => [rank, name, repositoryId],
    (row) => row,
  );
  return { ...page, items: await session.read((sql) => withPackages(sql, page.items)) };
}

type Found = Awaited<ReturnType<typeof selectFound>>[number];
type Select = ReturnType<typeof listedQuery>["select"];
type Columns = Parameters<Extract<Parameters<Select>[0], (columns: never) => unknown>>[0];

/** As both dialects order: by rank, then by code points. */
function inOrder(one: Found, other: Found): number {
  const byName = () => Buffer.compare(Buffer.from(one.name), Buffer.from(other.name));
  return one.rank - other.rank || byName() || (one.repositoryId < other.repositoryId ? -1 : 1);
}

function listedQuery(sql: Sql, repositoryUids: readonly string[], { afterId, untilId }: PackageSlice) {
  const query = sql
    .selectFrom("package")
    .innerJoin("repository", "repository.uid", "package.repositoryUid")
    .where("repository.deleteTime", "is", null)
    .where("repository.uid", "in", repositoryUids)
    .where("package.removed", "=", 0)
    .where("package.id", ">", afterId);
  return untilId === undefined ? query : query.where("package.id", "<=", untilId);
}

/** Places only: texts are read of those that are on the page. */
function selectFound(
  sql: Sql,
  repositoryUids: readonly string[],
  slice: PackageSlice,
  words: readonly string[],
  cursor: Cursor | undefined,
  limit: number,
) {
  const ranked = listedQuery(sql, repositoryUids, slice)
    .select((eb) => [
      "package.id as packageId",
      "package.name as name",
      "repository.id as repositoryId",
      rankOf(eb, words),
    ])
    .where((eb) =>
      eb.and(words.map((word) => eb.or([has(eb, "searchName", word), has(eb, "searchDescription", word)]))),
    );
  let query = sql.selectFrom(ranked.as("found")).selectAll();
  if (cursor) {
    const [rank, name, repositoryId] = [Number(cursor[0]), String(cursor[1]), String(cursor[2])];
    query = query.where((eb) =>
      eb.or([
        eb("rank", ">", rank),
        eb.and([eb("rank", "=", rank), eb("name", ">", name)]),
        eb.and([eb("rank", "=", rank), eb("name", "=", name), eb("repositoryId", ">", repositoryId)]),
      ]),
    );
  }
  return query.orderBy("rank").orderBy("name").orderBy("repositoryId").limit(limit).execute();
}

function rankOf(eb: Columns, words: readonly string[]) {
  return eb
    .case()
    .when("package.searchName", "in", words)
    .then(0)
    .when(eb.or(words.map((word) => eb(placeOf(eb, "searchName", word), "=", 1))))
    .then(1)
    .when(eb.or(words.map((word) => has(eb, "searchName", word))))
    .then(2)
    .else(3)
    .end()
    .as("rank");
}

function has(eb: Columns, column: "searchName" | "searchDescription", word: string) {
  return eb(placeOf(eb, column, word), ">", 0);
}

/** Not LIKE: no character of a word means anything but itself. */
function placeOf(eb: Columns, column: "searchName" | "searchDescription", word: string) {
  return eb.fn<number>("instr", [`package.${column}`, eb.val(word)]);
}

async function withPackages(sql: Sql, found: readonly Found[]): Promise<FoundPackage[]> {
  if (found.length === 0) return [];
  const ids = found.map(({ packageId }) => packageId);
  const rows = await sql.selectFrom("package").selectAll().where("id", "in", ids).execute();
  const packages = new Map(rows.map((row) => [row.id, toPackage(row)]));
  return found.flatMap(({ packageId, repositoryId }) => {
    const each = packages.get(packageId);
    return each ? [{ repositoryId, package: each }] : [];
  });
}

function tooMany(count: number): Fault {
  const message = `${count} repositories are too many for one search, at most ${MAX_REPOSITORIES}: name one as parent`;
  return new Fault("LIMIT_EXCEEDED", message, { limit: String(MAX_REPOSITORIES) });
}
