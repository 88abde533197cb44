import { expect, test } from "vitest";
import { ANONYMOUS, type Caller } from "#internal/access/access.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Repository, Visibility } from "#internal/repository/repository.ts";
import { readableUids } from "./readable-uids.ts";

const ADMIN: Caller = { kind: "admin", name: "admin" };
const of = (id: string, visibility: Visibility) => ({ id, uid: `uid-${id}`, visibility }) as Repository;
const ALL = [of("open", "PUBLIC"), of("inner", "INTERNAL"), of("secret", "PRIVATE"), of("free", "PUBLIC")];

/** Two a page. */
const repositories: Pick<RepositoryStore, "get" | "list"> = {
  async get(id) {
    const found = ALL.find((each) => each.id === id);
    if (!found) throw new Fault("REPOSITORY_NOT_FOUND", id);
    return found;
  },
  async list({ pageToken = "" }) {
    const from = Number(pageToken);
    return { items: ALL.slice(from, from + 2), nextPageToken: from + 2 < ALL.length ? String(from + 2) : "" };
  },
};

test.each([
  { caller: ADMIN, want: ["uid-open", "uid-inner", "uid-secret", "uid-free"] },
  { caller: ANONYMOUS, want: ["uid-open", "uid-free"] },
])("$caller.kind reads $want", async ({ caller, want }) => {
  expect(await readableUids(repositories, caller, undefined)).toEqual(want);
});

test("a repository that the caller may not read is as one that is not there", async () => {
  expect(await readableUids(repositories, ADMIN, "secret")).toEqual(["uid-secret"]);
  expect(await readableUids(repositories, ANONYMOUS, "open")).toEqual(["uid-open"]);
  for (const id of ["secret", "absent"]) {
    const asked = readableUids(repositories, ANONYMOUS, id);
    await expect(asked).rejects.toMatchObject({ reason: "REPOSITORY_NOT_FOUND" });
  }
});
