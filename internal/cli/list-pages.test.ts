import { create } from "@bufbuild/protobuf";
import { expect, test } from "vitest";
import { ListPackagesResponseSchema } from "#gen/larder/v1/repo_indexer_pb.ts";
import { fetchAll, type Page } from "./list-pages.ts";

/** A server with `total` packages, that may give fewer than asked. */
function listing(total: number, mostPerPage: number) {
  const asked: Page[] = [];
  const fetch = async (page: Page) => {
    asked.push(page);
    const start = Number(page.pageToken || 0);
    const end = Math.min(total, start + page.pageSize, start + mostPerPage);
    const packages = Array.from({ length: end - start }, (_, index) => ({ name: String(start + index) }));
    return create(ListPackagesResponseSchema, { packages, nextPageToken: end < total ? String(end) : "" });
  };
  return { asked, fetch, items: ({ packages }: Awaited<ReturnType<typeof fetch>>) => packages };
}

test.each([
  { total: 0, limit: undefined, mostPerPage: 1_000, want: 0, token: "", pages: 1 },
  { total: 2_500, limit: undefined, mostPerPage: 1_000, want: 2_500, token: "", pages: 3 },
  { total: 2_500, limit: 1_200, mostPerPage: 1_000, want: 1_200, token: "1200", pages: 2 },
  { total: 50, limit: 50, mostPerPage: 20, want: 50, token: "", pages: 3 },
  { total: 50, limit: 1, mostPerPage: 20, want: 1, token: "1", pages: 1 },
])("$total items, limit $limit, at most $mostPerPage a page: $want in $pages calls", async (row) => {
  const { asked, ...list } = listing(row.total, row.mostPerPage);
  const answer = await fetchAll({ ...list, limit: row.limit });
  expect(answer.packages.map(({ name }) => name)).toEqual(Array.from({ length: row.want }, (_, index) => `${index}`));
  expect(answer.nextPageToken).toBe(row.token);
  expect(asked).toHaveLength(row.pages);
});
