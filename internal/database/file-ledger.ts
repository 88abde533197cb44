import type { Sighting } from "#internal/repository/sighting.ts";
import { insertRows } from "./insert-rows.ts";
import { ledgerPath } from "./ledger-path.ts";
import type { Session, Sql } from "./session.ts";
import { isDuplicateKey } from "./sql-errors.ts";

/** The first digest ever seen of each immutable file: it outlives every cache. */
export interface FileLedger {
  /** Hex SHA-256; undefined: the file was never seen. */
  find(repositoryUid: string, path: string): Promise<string | undefined>;
  /**
   * Adds those that are not there; who is first stays. Resolves to the digest that the ledger now has of each, in their order. May be
   * repeated. At most some hundred.
   */
  record(files: readonly Sighting[]): Promise<string[]>;
}

/** Another process may add the same file between our look and our insert. */
const MAX_TRIES = 5;

export function createFileLedger(session: Session): FileLedger {
  return {
    find: (repositoryUid, path) =>
      session.read(async (sql) => {
        const row = await sql
          .selectFrom("file_ledger")
          .select("sha256")
          .where("repositoryUid", "=", repositoryUid)
          .where("path", "=", ledgerPath(path))
          .executeTakeFirst();
        return row?.sha256;
      }),
    async record(files) {
      for (let tries = 1; ; tries++) {
        try {
          return await session.write((sql) => recordAbsent(sql, files));
        } catch (error) {
          if (!isDuplicateKey(error) || tries === MAX_TRIES) throw error;
        }
      }
    },
  };
}

async function recordAbsent(sql: Sql, files: readonly Sighting[]): Promise<string[]> {
  const known = await selectKnown(sql, files);
  const absent: ReturnType<typeof toRow>[] = [];
  for (const file of files) {
    const key = keyOf(file);
    if (known.has(key)) continue;
    known.set(key, file.digest);
    absent.push(toRow(file));
  }
  await insertRows(absent, (chunk) => sql.insertInto("file_ledger").values(chunk).execute());
  return files.map((file) => known.get(keyOf(file)) ?? file.digest);
}

/** Digests by key. */
async function selectKnown(sql: Sql, files: readonly Sighting[]): Promise<Map<string, string>> {
  const known = new Map<string, string>();
  for (const [repositoryUid, ofRepository] of Map.groupBy(files, (file) => file.repositoryUid)) {
    const paths = ofRepository.map(({ path }) => ledgerPath(path));
    const rows = await sql
      .selectFrom("file_ledger")
      .select(["path", "sha256"])
      .where("repositoryUid", "=", repositoryUid)
      .where("path", "in", paths)
      .execute();
    for (const { path, sha256 } of rows) known.set(`${repositoryUid} ${path}`, sha256);
  }
  return known;
}

function keyOf({ repositoryUid, path }: Sighting): string {
  return `${repositoryUid} ${ledgerPath(path)}`;
}

function toRow({ repositoryUid, path, digest, sizeBytes, packageName, version, seenTime }: Sighting) {
  return {
    ...{ repositoryUid, path: ledgerPath(path), sha256: digest, sizeBytes, firstSeenTime: seenTime },
    // For people who look; what is longer is cut.
    ...{ packageName: packageName.slice(0, 255).toWellFormed(), version: version.slice(0, 255).toWellFormed() },
  };
}
