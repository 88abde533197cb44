import type { Cache, Entry } from "#internal/cache/cache.ts";
import { cursorOf, type Page, type PageRequest, pageOf, pageSizeOf } from "#internal/database/page.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Repository } from "#internal/repository/repository.ts";

/** The cache entries of one repository, under keys without the repository's uid. */
export interface RepositoryEntries {
  /** @throws Fault ENTRY_NOT_FOUND. */
  get(repository: Repository, key: string): Entry;
  /** By key. @throws Fault ARGUMENT_INVALID for the page. */
  list(repository: Repository, prefix: string, request: PageRequest): Page<RepositoryEntry>;
  /** Forgets those whose key begins with `prefix`, until `signal` ends it. */
  purge(repository: Repository, prefix: string, signal: AbortSignal): Promise<Purged>;
}

export interface RepositoryEntry {
  readonly key: string;
  readonly entry: Entry;
}

export interface Purged {
  readonly count: number;
  readonly bytes: number;
}

const PURGE_BATCH = 500;

export function createRepositoryEntries(cache: Cache): RepositoryEntries {
  return {
    get(repository, key) {
      const entry = cache.find(scopeOf(repository) + key);
      if (entry) return entry;
      const facts = { repository: repository.id, entry: key };
      throw new Fault(
        "ENTRY_NOT_FOUND",
        `the cache has no "${key.slice(0, 200)}" of repository ${repository.id}`,
        facts,
      );
    },
    list(repository, prefix, request) {
      const scope = scopeOf(repository);
      const size = pageSizeOf(request);
      const token = ["entries", repository.uid, prefix];
      const after = cursorOf(request, token, [""])?.[0];
      const found = cache.list(scope + prefix, after === undefined ? undefined : `${scope}${after}`, size + 1);
      const entries = found.map((entry) => ({ key: entry.key.slice(scope.length), entry }));
      return pageOf(
        entries,
        size,
        token,
        ({ key }) => [key],
        (entry) => entry,
      );
    },
    async purge(repository, prefix, signal) {
      let count = 0;
      let bytes = 0;
      let after: string | undefined;
      while (true) {
        const batch = cache.list(scopeOf(repository) + prefix, after, PURGE_BATCH);
        for (const entry of batch) {
          signal.throwIfAborted();
          if (!(await cache.remove(entry.key))) continue;
          count += 1;
          bytes += bytesOf(entry);
        }
        after = batch.at(-1)?.key;
        if (batch.length < PURGE_BATCH) return { count, bytes };
      }
    },
  };
}

function scopeOf({ uid }: Repository): string {
  return `${uid}/`;
}

function bytesOf({ blob, representations }: Entry): number {
  const derived = Object.values(representations).map((stored) => stored.blob?.sizeBytes ?? 0);
  return derived.reduce((sum, sizeBytes) => sum + sizeBytes, blob?.sizeBytes ?? 0);
}
