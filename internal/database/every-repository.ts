import type { Repository } from "#internal/repository/repository.ts";
import type { RepositoryStore } from "./repository-store.ts";

const PAGE_SIZE = 1_000;

/** All that are not deleted, a page at a time. */
export async function* everyRepository(repositories: Pick<RepositoryStore, "list">): AsyncIterable<Repository> {
  let pageToken = "";
  do {
    const page = await repositories.list({ pageSize: PAGE_SIZE, pageToken });
    yield* page.items;
    pageToken = page.nextPageToken;
  } while (pageToken !== "");
}
