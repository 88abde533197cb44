import { afterAll, beforeAll, expect, test } from "vitest";
import { IndexTaskState } from "#gen/larder/v1/resources_pb.ts";
import type { ListedPackage } from "#internal/repository/package.ts";
import { startTestProcess, type TestProcess } from "./start-test-process.ts";

const LEASE_MS = 60_000;
const version = (text: string) => ({
  ...{ version: text, appVersion: "app", digest: "sha256:00", publishTime: new Date(1e12) },
  ...{ deprecated: false, metadata: `{"version":"${text}"}` },
});
const LISTED: ListedPackage[] = [
  { name: "nginx", description: "a server", deprecated: false, versions: [version("2.0.0"), version("1.0.0+b")] },
  { name: "scoped/ü", description: "", deprecated: true, versions: [version("1.0.0")] },
];

let larder: TestProcess;
let indexer: TestProcess["clients"]["repoIndexer"];
beforeAll(async () => {
  larder = await startTestProcess();
  indexer = larder.clients.repoIndexer;
  for (const [repositoryId, format] of [
    ["charts", "helm"],
    ["files", "raw"],
    ["busy", "helm"],
  ] as const) {
    const repository = { format, upstreamUrl: "http://charts.example/" };
    await larder.clients.repoManager.createRepository({ repositoryId, repository });
  }
  await runTask();
});
afterAll(() => larder.close());

/** Does what a worker does. */
async function runTask(): Promise<void> {
  const { tasks, catalog } = larder.database;
  await indexer.indexRepository({ name: "repositories/charts", force: true });
  const claimed = await tasks.claim("worker", LEASE_MS);
  if (!claimed) throw new Error("there is no task");
  const { lease, task } = claimed;
  const issues = [{ packageName: "broken", version: "", message: "no version" }];
  await tasks.begin(lease, LEASE_MS, { digest: "sha256:11", digestBefore: "", seen: 4, failed: 1, issues });
  await catalog.apply(lease, LEASE_MS, task.repositoryUid, LISTED);
  const outcome = { cause: "", causeReason: "", unchanged: false, indexDigest: "sha256:11", complete: undefined };
  await tasks.finish(lease, { ...outcome, state: "PARTIAL" });
}

const refused = (reason: string) => expect.objectContaining({ name: "Fault", reason });

test("packages and versions are listed, and read by their names", async () => {
  const { packages } = await indexer.listPackages({ parent: "repositories/charts" });
  expect(packages).toMatchObject([
    { name: "repositories/charts/packages/nginx", displayName: "nginx", versionCount: 2, latestVersion: "2.0.0" },
    { name: "repositories/charts/packages/scoped%2F%C3%BC", displayName: "scoped/ü", deprecated: true },
  ]);
  for (const entry of packages) expect(await indexer.getPackage({ name: entry.name })).toEqual(entry);
  const { versions } = await indexer.listVersions({ parent: "repositories/charts/packages/nginx" });
  expect(versions).toMatchObject([
    { version: "2.0.0", metadata: '{"version":"2.0.0"}', publishTime: { seconds: 1_000_000_000n } },
    { name: "repositories/charts/packages/nginx/versions/1.0.0%2Bb", appVersion: "app", digest: "sha256:00" },
  ]);
});

test("filters and pages work over the wire", async () => {
  const parent = "repositories/charts";
  const filtered = await indexer.listPackages({ parent, filter: 'name = "ngi*"' });
  expect(filtered.packages.map(({ displayName }) => displayName)).toEqual(["nginx"]);
  const first = await indexer.listPackages({ parent, pageSize: 1 });
  const second = await indexer.listPackages({ parent, pageSize: 1, pageToken: first.nextPageToken });
  expect(second.packages[0]?.displayName).toBe("scoped/ü");
  expect(second.nextPageToken).toBe("");
});

test("packages are found in one repository or in all", async () => {
  const { packages } = await indexer.searchPackages({ query: "SERVER nginx" });
  expect(packages).toMatchObject([{ name: "repositories/charts/packages/nginx", latestVersion: "2.0.0" }]);
  const scoped = await indexer.searchPackages({ parent: "repositories/charts", query: "\u00dc" });
  expect(scoped.packages.map(({ name }) => name)).toEqual(["repositories/charts/packages/scoped%2F%C3%BC"]);
  expect((await indexer.searchPackages({ parent: "repositories/busy", query: "nginx" })).packages).toEqual([]);
  const all = { parent: "repositories/-", query: "s", pageSize: 1 };
  const first = await indexer.searchPackages(all);
  const second = await indexer.searchPackages({ ...all, pageToken: first.nextPageToken });
  const names = [...first.packages, ...second.packages].map(({ displayName }) => displayName);
  expect(names).toEqual(["scoped/ü", "nginx"]);
  expect(second.nextPageToken).toBe("");
});

test("a task is asked for, joined, listed, and its issues are told", async () => {
  const { indexTasks } = await indexer.listIndexTasks({ filter: 'repository = "repositories/charts"' });
  const [task] = indexTasks;
  expect(task).toMatchObject({
    repository: "repositories/charts",
    state: IndexTaskState.PARTIAL,
    actor: "users/admin",
  });
  expect(task?.counts).toMatchObject({ added: 3n });
  expect(await indexer.getIndexTask({ name: task?.name ?? "" })).toEqual(task);
  const { issues } = await indexer.listIndexIssues({ parent: task?.name ?? "" });
  expect(issues).toMatchObject([{ task: task?.name, package: "broken", message: "no version" }]);

  const asked = await indexer.indexRepository({ name: "repositories/busy", packages: ["nginx"] });
  const again = await indexer.indexRepository({ name: "repositories/busy" });
  expect(again).toMatchObject({ name: asked.name, rerun: true, state: IndexTaskState.PENDING, packages: ["nginx"] });
});

test("a watch tells each change and ends with the task", async () => {
  const { name } = await indexer.indexRepository({ name: "repositories/charts" });
  const seen: IndexTaskState[] = [];
  for await (const task of indexer.watchIndexTask({ name })) {
    seen.push(task.state);
    if (task.state === IndexTaskState.PENDING) await larder.database.repositories.delete("charts", { actor: "system" });
  }
  expect(seen).toEqual([IndexTaskState.PENDING, IndexTaskState.SUPERSEDED]);
  await larder.database.repositories.undelete("charts", "system");
});

test("a watch that the closing server ends says so", async () => {
  const closing = await startTestProcess();
  const repository = { format: "helm", upstreamUrl: "http://charts.example/" };
  await closing.clients.repoManager.createRepository({ repositoryId: "charts", repository });
  const { name } = await closing.clients.repoIndexer.indexRepository({ name: "repositories/charts" });
  const watch = closing.clients.repoIndexer.watchIndexTask({ name })[Symbol.asyncIterator]();
  await watch.next();
  const closed = closing.server.close();
  await expect(watch.next()).rejects.toMatchObject({ code: 14 });
  await closed;
  await closing.close();
});

test.each<{ name: string; ask: () => Promise<unknown>; want: string }>([
  {
    name: "a format without an index",
    ask: () => indexer.indexRepository({ name: "repositories/files" }),
    want: "FORMAT_NOT_INDEXABLE",
  },
  {
    name: "an absent repository",
    ask: () => indexer.indexRepository({ name: "repositories/absent" }),
    want: "REPOSITORY_NOT_FOUND",
  },
  {
    name: "too many packages",
    ask: () => indexer.indexRepository({ name: "repositories/charts", packages: Array(1_001).fill("a") }),
    want: "ARGUMENT_INVALID",
  },
  {
    name: "a package that none can be",
    ask: () => indexer.indexRepository({ name: "repositories/charts", packages: [" "] }),
    want: "ARGUMENT_INVALID",
  },
  { name: "an absent task", ask: () => indexer.getIndexTask({ name: "indexTasks/0" }), want: "INDEX_TASK_NOT_FOUND" },
  {
    name: "a watch of an absent task",
    ask: () => Array.fromAsync(indexer.watchIndexTask({ name: "indexTasks/0" })),
    want: "INDEX_TASK_NOT_FOUND",
  },
  {
    name: "issues of an absent task",
    ask: () => indexer.listIndexIssues({ parent: "indexTasks/0" }),
    want: "INDEX_TASK_NOT_FOUND",
  },
  {
    name: "a task name of another form",
    ask: () => indexer.getIndexTask({ name: "tasks/0" }),
    want: "ARGUMENT_INVALID",
  },
  {
    name: "a state that is none",
    ask: () => indexer.listIndexTasks({ filter: 'state = "DONE"' }),
    want: "ARGUMENT_INVALID",
  },
  {
    name: "an absent package",
    ask: () => indexer.getPackage({ name: "repositories/charts/packages/absent" }),
    want: "PACKAGE_NOT_FOUND",
  },
  {
    name: "versions of an absent package",
    ask: () => indexer.listVersions({ parent: "repositories/charts/packages/absent" }),
    want: "PACKAGE_NOT_FOUND",
  },
  {
    name: "packages of an absent repository",
    ask: () => indexer.listPackages({ parent: "repositories/absent" }),
    want: "REPOSITORY_NOT_FOUND",
  },
  { name: "a search for nothing", ask: () => indexer.searchPackages({ query: " " }), want: "ARGUMENT_INVALID" },
  {
    name: "a search that is too long",
    ask: () => indexer.searchPackages({ query: "a".repeat(201) }),
    want: "ARGUMENT_INVALID",
  },
  {
    name: "a search in an absent repository",
    ask: () => indexer.searchPackages({ parent: "repositories/absent", query: "a" }),
    want: "REPOSITORY_NOT_FOUND",
  },
  {
    name: "a negative page size",
    ask: () => indexer.listPackages({ parent: "repositories/charts", pageSize: -1 }),
    want: "ARGUMENT_INVALID",
  },
])("$name: $want", async ({ ask, want }) => {
  await expect(ask()).rejects.toEqual(refused(want));
});
