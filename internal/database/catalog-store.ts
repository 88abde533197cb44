import type { Lease } from "#internal/repository/index-task.ts";
import type { ListedPackage, Package, Version } from "#internal/repository/package.ts";
import { applyPackages } from "./catalog-apply.ts";
import { listPackages, listVersions } from "./catalog-list.ts";
import { purgeOrphans } from "./catalog-purge.ts";
import { removePackages } from "./catalog-remove.ts";
import { needPackage, toPackage } from "./catalog-rows.ts";
import { type FoundPackage, type SearchRequest, searchPackages } from "./catalog-search.ts";
import { countListed, type ListedNames, listedNames } from "./catalog-survey.ts";
import { addProgress } from "./index-task-progress.ts";
import { holdLease } from "./lease-fence.ts";
import type { Page, PageRequest } from "./page.ts";
import type { Session, Sql } from "./session.ts";
import type { ChunkCounts } from "./version-apply.ts";

export interface CatalogListRequest extends PageRequest {
  readonly filter?: string;
}

/** What is in the repositories, by the uid of the repository. */
export interface CatalogStore {
  /** By name; filters name (also `"ngi*"`), deprecated, removed. @throws Fault ARGUMENT_INVALID. */
  listPackages(repositoryUid: string, request: CatalogListRequest): Promise<Page<Package>>;
  /** @throws Fault PACKAGE_NOT_FOUND. */
  getPackage(repositoryUid: string, name: string): Promise<Package>;
  /** Newest first; filters version, deprecated, removed. @throws Fault PACKAGE_NOT_FOUND; ARGUMENT_INVALID. */
  listVersions(repositoryUid: string, packageName: string, request: CatalogListRequest): Promise<Page<Version>>;
  /** Of these repositories that are not deleted, best first. @throws Fault ARGUMENT_INVALID; LIMIT_EXCEEDED for more than 30,000 of them. */
  search(repositoryUids: readonly string[], request: SearchRequest): Promise<Page<FoundPackage>>;
  /** Versions that are listed now, in all packages. */
  countListed(repositoryUid: string): Promise<number>;
  /** Packages and versions that are listed now, by name after `afterName`: `limit` packages or fewer, none after the last. */
  listedNames(repositoryUid: string, afterName: string, limit: number): Promise<ListedNames[]>;
  /**
   * Makes the catalogue say of these packages what the index says: adds, updates, marks versions that vanished; one transaction, with the
   * counts and the place in the index of the task. Applied twice it changes nothing.
   * @throws LeaseLost when the task is another worker's.
   */
  apply(lease: Lease, leaseMs: number, repositoryUid: string, packages: readonly ListedPackage[]): Promise<void>;
  /** Marks packages and their versions that the index lists no more. @throws LeaseLost. */
  remove(lease: Lease, leaseMs: number, repositoryUid: string, names: readonly string[]): Promise<void>;
  /** Removes what was left of repositories that are no more; returns of how many. */
  sweep(): Promise<number>;
}

type Work = (sql: Sql, now: Date) => Promise<ChunkCounts>;

/** The store over a session of either dialect. */
export function createCatalogStore(session: Session): CatalogStore {
  const write = (lease: Lease, leaseMs: number, work: Work, packages: number) =>
    session.write(async (sql, now) => {
      await holdLease(sql, now, lease, leaseMs);
      await addProgress(sql, lease, await work(sql, now), packages);
    });
  return {
    listPackages: (uid, request) => session.read((sql) => listPackages(sql, uid, request)),
    getPackage: (uid, name) => session.read(async (sql) => toPackage(await needPackage(sql, uid, name))),
    listVersions: (uid, name, request) =>
      session.read(async (sql) => listVersions(sql, (await needPackage(sql, uid, name)).id, request)),
    search: (uids, request) => searchPackages(session, uids, request),
    countListed: (uid) => session.read((sql) => countListed(sql, uid)),
    listedNames: (uid, afterName, limit) => session.read((sql) => listedNames(sql, uid, afterName, limit)),
    apply: (lease, leaseMs, uid, packages) =>
      write(lease, leaseMs, (sql, now) => applyPackages(sql, now, uid, packages), packages.length),
    remove: (lease, leaseMs, uid, names) =>
      write(lease, leaseMs, (sql, now) => removePackages(sql, now, uid, names), 0),
    sweep: () => purgeOrphans(session),
  };
}
