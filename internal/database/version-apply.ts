import { createHash } from "node:crypto";
import type { ListedVersion } from "#internal/repository/package.ts";
import { insertRows } from "./insert-rows.ts";
import type { Sql } from "./session.ts";
import { assignPositions } from "./version-positions.ts";

/** What was done with the versions of a chunk. */
export interface ChunkCounts {
  readonly added: number;
  readonly updated: number;
  readonly removed: number;
  readonly skipped: number;
}

/** The versions that an index lists of one package, newest first. */
export interface PackageVersions {
  readonly packageId: number;
  readonly listed: readonly ListedVersion[];
  /** Versions that are not listed and stay all the same. */
  readonly kept: readonly string[];
}

/** Counts, and how many versions stayed by package. */
export interface AppliedVersions {
  readonly counts: ChunkCounts;
  readonly keptCounts: ReadonlyMap<number, number>;
}

const IDS_PER_STATEMENT = 500;

/** Adds, updates and marks the versions of some packages. */
export async function applyVersions(
  sql: Sql,
  now: Date,
  packages: readonly PackageVersions[],
): Promise<AppliedVersions> {
  const stored = await selectStored(sql, packages);
  const plans = packages.map((of) => planOf(of, stored.get(of.packageId) ?? []));
  const added = plans.flatMap((plan) => plan.added);
  const changed = plans.flatMap((plan) => plan.changed);
  const vanished = plans.flatMap((plan) => plan.vanished);

  await insertVersions(sql, now, added);
  for (const { id, columns } of changed) {
    await sql
      .updateTable("version")
      .set({ ...columns, updateTime: now })
      .where("id", "=", id)
      .execute();
  }
  for (const { id, position } of plans.flatMap((plan) => plan.moved)) {
    await sql.updateTable("version").set({ position }).where("id", "=", id).execute();
  }
  await markRemoved(sql, now, vanished);
  const skipped = plans.reduce((sum, plan) => sum + plan.skipped, 0);
  const counts = { added: added.length, updated: changed.length, removed: vanished.length, skipped };
  return { counts, keptCounts: new Map(plans.map((plan) => [plan.packageId, plan.kept])) };
}

type StoredVersion = Awaited<ReturnType<typeof selectStoredChunk>>[number];
type VersionColumns = ReturnType<typeof columnsOf>;

function planOf({ packageId, listed, kept }: PackageVersions, stored: readonly StoredVersion[]) {
  const byVersion = new Map(stored.map((row) => [row.version, row]));
  const positions = assignPositions(
    listed.map(({ version }) => version),
    new Map(stored.map((row) => [row.version, row.position])),
  );
  const added: (VersionColumns & { packageId: number; version: string })[] = [];
  const changed: { id: number; columns: VersionColumns }[] = [];
  const moved: { id: number; position: number }[] = [];
  let skipped = 0;
  for (const version of listed) {
    const position = positions.get(version.version) ?? 0;
    const columns = columnsOf(version, position);
    const row = byVersion.get(version.version);
    if (!row) added.push({ packageId, version: version.version, ...columns });
    else if (row.removed === 1 || row.fingerprint !== columns.fingerprint) changed.push({ id: row.id, columns });
    else {
      skipped++;
      if (row.position !== position) moved.push({ id: row.id, position });
    }
  }
  const names = new Set(listed.map(({ version }) => version));
  const unlisted = stored.filter((row) => row.removed === 0 && !names.has(row.version));
  const vanished = unlisted.filter((row) => !kept.includes(row.version)).map(({ id }) => id);
  return { packageId, added, changed, moved, vanished, skipped, kept: unlisted.length - vanished.length };
}

function columnsOf(listed: ListedVersion, position: number) {
  const { appVersion, digest, metadata, publishTime = null } = listed;
  const deprecated = listed.deprecated ? 1 : 0;
  const told = JSON.stringify([appVersion, digest, deprecated, publishTime, metadata]);
  const fingerprint = createHash("sha256").update(told).digest("base64");
  return { appVersion, digest, deprecated, publishTime, metadata, fingerprint, position, removed: 0 };
}

async function insertVersions(
  sql: Sql,
  now: Date,
  versions: readonly (VersionColumns & { packageId: number; version: string })[],
): Promise<void> {
  await insertRows(
    versions,
    (chunk) =>
      sql
        .insertInto("version")
        .values(chunk.map((version) => ({ ...version, createTime: now, updateTime: now })))
        .execute(),
    ({ metadata }) => Buffer.byteLength(metadata),
  );
}

async function markRemoved(sql: Sql, now: Date, ids: readonly number[]): Promise<void> {
  for (let at = 0; at < ids.length; at += IDS_PER_STATEMENT) {
    await sql
      .updateTable("version")
      .set({ removed: 1, updateTime: now })
      .where("id", "in", ids.slice(at, at + IDS_PER_STATEMENT))
      .execute();
  }
}

async function selectStored(sql: Sql, packages: readonly PackageVersions[]): Promise<Map<number, StoredVersion[]>> {
  const rows: StoredVersion[] = [];
  for (let at = 0; at < packages.length; at += IDS_PER_STATEMENT) {
    const ids = packages.slice(at, at + IDS_PER_STATEMENT).map(({ packageId }) => packageId);
    rows.push(...(await selectStoredChunk(sql, ids)));
  }
  return Map.groupBy(rows, ({ packageId }) => packageId);
}

function selectStoredChunk(sql: Sql, packageIds: readonly number[]) {
  return sql
    .selectFrom("version")
    .select(["id", "packageId", "version", "position", "fingerprint", "removed"])
    .where("packageId", "in", packageIds)
    .execute();
}
