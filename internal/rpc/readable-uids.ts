import { type Caller, decide } from "#internal/access/access.ts";
import { repositoryNotFound } from "#internal/database/repository-rows.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";

const PAGE_SIZE = 1_000;

/**
 * Uids of the repositories that the caller may read: this one, or all when `id` is undefined.
 * @throws Fault REPOSITORY_NOT_FOUND, also when the caller may not know of it.
 */
export async function readableUids(
  repositories: Pick<RepositoryStore, "get" | "list">,
  caller: Caller,
  id: string | undefined,
): Promise<string[]> {
  if (id !== undefined) {
    const repository = await repositories.get(id);
    if (!decide(caller, repository, "READ").allowed) throw repositoryNotFound(id);
    return [repository.uid];
  }
  const uids: string[] = [];
  let pageToken = "";
  do {
    const page = await repositories.list({ pageSize: PAGE_SIZE, pageToken });
    for (const each of page.items) if (decide(caller, each, "READ").allowed) uids.push(each.uid);
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
  return uids;
}
