import type { RepositoryStore } from "#internal/database/repository-store.ts";
import type { Repository } from "#internal/repository/repository.ts";

const PAGE_SIZE = 200;

/** All that are not deleted, a page at a time. */
export async function* everyRepository(repositories: Pick<RepositoryStore, "list">): AsyncIterable<Repository> {
  let pageToken = "";
  do {
    const page = await repositories.list({ pageSize: PAGE_SIZE, pageToken });
    yield* page.items;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}
