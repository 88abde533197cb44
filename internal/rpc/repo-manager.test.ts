import { afterAll, beforeAll, expect, test } from "vitest";
import { Visibility } from "#gen/larder/v1/resources_pb.ts";
import type { RepositoryManager } from "#internal/manager/repository-manager.ts";
import { startTestProcess, type TestProcess } from "./start-test-process.ts";

const STEPS: RepositoryManager["validate"] = async function* (input) {
  yield { kind: "step", id: "parse", status: "PASSED", reason: "", message: input.kind, durationMs: 1.5, hint: "" };
  yield {
    kind: "step",
    id: "dns",
    status: "FAILED",
    reason: "UPSTREAM_UNAVAILABLE",
    message: "m",
    durationMs: 2,
    hint: "h",
  };
  yield {
    ...{ kind: "preview", valid: false, detectedFormat: "", canonicalUrl: "http://files.example/" },
    ...{ packageCount: 1, versionCount: 2, indexBytes: 3, fileOrigins: ["http://cdn.example"] },
  };
};

let larder: TestProcess;
let repos: TestProcess["clients"]["repoManager"];
beforeAll(async () => {
  larder = await startTestProcess({ manager: { validate: STEPS } });
  repos = larder.clients.repoManager;
});
afterAll(() => larder.close());

const create = (repositoryId: string, more: object = {}) =>
  repos.createRepository({
    repositoryId,
    repository: { format: "raw", upstreamUrl: "http://files.example/", ...more },
    allowInvalid: true,
  });
const reason = (word: string) => expect.objectContaining({ name: "Fault", reason: word });
const field = (name: string) =>
  expect.objectContaining({ reason: "ARGUMENT_INVALID", facts: expect.objectContaining({ field: name }) });

test("a repository is created, read, listed, changed, deleted and taken back", async () => {
  const created = await create("life", { labels: { team: "web" }, metadataTtl: { seconds: 90n } });
  expect(created).toMatchObject({ name: "repositories/life", etag: '"1"', owner: "users/admin", hasCredential: false });
  expect(created.uid).not.toBe("");
  expect(created.visibility).toBe(Visibility.PRIVATE);
  expect(await repos.getRepository({ name: "repositories/life" })).toEqual(created);
  const page = await repos.listRepositories({ filter: 'labels.team = "web"' });
  expect(page.repositories).toEqual([created]);

  const changed = await repos.updateRepository({
    repository: { name: created.name, etag: created.etag, description: "new", displayName: "not in the mask" },
    updateMask: { paths: ["description", "metadata_ttl"] },
  });
  expect(changed).toMatchObject({ description: "new", displayName: "life", etag: '"2"', uid: created.uid });
  expect(changed.metadataTtl).toBeUndefined();

  await expect(repos.deleteRepository({ name: created.name, etag: created.etag })).rejects.toEqual(
    reason("ETAG_STALE"),
  );
  const deleted = await repos.deleteRepository({ name: created.name, etag: changed.etag });
  expect(deleted.deleteTime).toBeDefined();
  await expect(repos.getRepository({ name: created.name })).rejects.toEqual(reason("REPOSITORY_NOT_FOUND"));
  expect((await repos.undeleteRepository({ name: created.name })).deleteTime).toBeUndefined();

  const { events } = await repos.listRepositoryEvents({ parent: created.name });
  expect(events.map(({ type, actor }) => `${type} ${actor}`)).toEqual(
    ["UNDELETED", "DELETED", "UPDATED", "CREATED"].map((type) => `${type} users/admin`),
  );
});

test("a secret is written, and never comes back", async () => {
  await create("secret");
  const credential = { kind: { case: "basic" as const, value: { username: "robot", password: "hunter2-canary" } } };
  const set = await repos.setRepositoryCredential({ name: "repositories/secret", credential });
  expect(set.hasCredential).toBe(true);
  expect(await larder.database.repositories.readCredential("secret")).toMatchObject({ password: "hunter2-canary" });
  expect((await repos.setRepositoryCredential({ name: "repositories/secret" })).hasCredential).toBe(false);
  const { events } = await repos.listRepositoryEvents({ parent: "repositories/-" });
  const told = JSON.stringify([set, events, larder.lines], (_, value) =>
    typeof value === "bigint" ? `${value}` : value,
  );
  expect(told).not.toContain("hunter2");
});

test("a batch is deleted as a whole or not at all", async () => {
  await create("batch-1");
  await create("batch-2");
  const names = ["repositories/batch-2", "repositories/batch-1"];
  const missing = repos.batchDeleteRepositories({ names: [...names, "repositories/absent"] });
  await expect(missing).rejects.toEqual(reason("REPOSITORY_NOT_FOUND"));
  const { repositories } = await repos.batchDeleteRepositories({ names });
  expect(repositories.map(({ name }) => name)).toEqual(names);
});

test("pages follow each other", async () => {
  for (const id of ["page-1", "page-2", "page-3"]) await create(id, { labels: { page: "yes" } });
  const request = { filter: 'labels.page = "yes"', pageSize: 2, orderBy: "id desc" };
  const first = await repos.listRepositories(request);
  const second = await repos.listRepositories({ ...request, pageToken: first.nextPageToken });
  const ids = [...first.repositories, ...second.repositories].map(({ name }) => name.slice("repositories/".length));
  expect(ids).toEqual(["page-3", "page-2", "page-1"]);
  expect(second.nextPageToken).toBe("");
  const elsewhere = repos.listRepositories({ ...request, orderBy: "id", pageToken: first.nextPageToken });
  await expect(elsewhere).rejects.toEqual(field("page_token"));
});

test("a validation streams its steps and ends with the preview", async () => {
  const seen = await Array.fromAsync(repos.validateRepository({ upstreamUrl: "http://files.example" }));
  expect(seen.map(({ event }) => event.case)).toEqual(["step", "step", "preview"]);
  expect(seen[1]?.event.value).toMatchObject({ id: "dns", status: 2, reason: "UPSTREAM_UNAVAILABLE", hint: "h" });
  expect(seen[2]?.event.value).toMatchObject({ valid: false, versionCount: 2n, fileOrigins: ["http://cdn.example"] });
});

test.each<{ name: string; ask: () => Promise<unknown>; want: unknown }>([
  { name: "no repository", ask: () => repos.createRepository({ repositoryId: "a" }), want: field("repository") },
  { name: "a mode that is none", ask: () => create("a", { mode: 7 }), want: field("repository.mode") },
  {
    name: "a visibility that is none",
    ask: () => create("a", { visibility: 9 }),
    want: field("repository.visibility"),
  },
  {
    name: "a negative duration",
    ask: () => create("a", { syncInterval: { seconds: -1n } }),
    want: field("repository.sync_interval"),
  },
  { name: "an id that is taken", ask: () => create("page-1"), want: reason("REPOSITORY_EXISTS") },
  { name: "a name of another form", ask: () => repos.getRepository({ name: "repos/a" }), want: field("name") },
  { name: "an empty name", ask: () => repos.getRepository({}), want: field("name") },
  { name: "a name that climbs", ask: () => repos.getRepository({ name: "repositories/../a" }), want: field("name") },
  {
    name: "an absent repository",
    ask: () => repos.deleteRepository({ name: "repositories/absent" }),
    want: reason("REPOSITORY_NOT_FOUND"),
  },
  {
    name: "events of an absent one",
    ask: () => repos.listRepositoryEvents({ parent: "repositories/absent" }),
    want: reason("REPOSITORY_NOT_FOUND"),
  },
  { name: "a negative page size", ask: () => repos.listRepositories({ pageSize: -1 }), want: field("page_size") },
  {
    name: "a page token of ours no more",
    ask: () => repos.listRepositories({ pageToken: "bm90aGluZw" }),
    want: field("page_token"),
  },
  {
    name: "an unknown order",
    ask: () => repos.listRepositories({ orderBy: "id; drop table" }),
    want: field("order_by"),
  },
  {
    name: "an unknown filter field",
    ask: () => repos.listRepositories({ filter: 'secret = "x"' }),
    want: field("filter"),
  },
  {
    name: "no mask",
    ask: () => repos.updateRepository({ repository: { name: "repositories/page-1" } }),
    want: field("update_mask"),
  },
  {
    name: "an immutable field in the mask",
    ask: () =>
      repos.updateRepository({ repository: { name: "repositories/page-1" }, updateMask: { paths: ["format"] } }),
    want: field("update_mask"),
  },
  {
    name: "an etag that was never given",
    ask: () =>
      repos.updateRepository({ repository: { name: "repositories/page-1", etag: "x" }, updateMask: { paths: ["*"] } }),
    want: reason("ETAG_STALE"),
  },
  { name: "an empty batch", ask: () => repos.batchDeleteRepositories({}), want: field("names") },
  {
    name: "nothing to validate",
    ask: () => Array.fromAsync(repos.validateRepository({})),
    want: field("upstream_url"),
  },
  {
    name: "two things to validate",
    ask: () => Array.fromAsync(repos.validateRepository({ name: "repositories/a", format: "npm" })),
    want: field("name"),
  },
  {
    name: "a credential without a kind",
    ask: () => repos.setRepositoryCredential({ name: "repositories/page-1", credential: {} }),
    want: field("credential.kind"),
  },
])("$name is refused", async ({ ask, want }) => {
  await expect(ask()).rejects.toEqual(want);
});
