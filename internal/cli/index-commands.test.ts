import { afterAll, beforeAll, expect, test } from "vitest";
import type { IndexOutcome } from "#internal/database/index-task-finish.ts";
import type { ListedPackage } from "#internal/repository/package.ts";
import { startTestServer, type TestServer } from "./test-server.ts";

const LEASE_MS = 60_000;
const version = (text: string) => ({
  ...{ version: text, appVersion: "7", digest: `sha256:${"a".repeat(64)}`, publishTime: new Date(1e12) },
  ...{ deprecated: false, metadata: "{}" },
});
const LISTED: ListedPackage[] = [
  {
    name: "nginx",
    description: "a server\u001b[31m",
    deprecated: false,
    versions: [version("2.0.0"), version("1.0.0")],
  },
  { name: "scoped/ü", description: "", deprecated: true, versions: [version("1.0.0")] },
];

let larder: TestServer;
beforeAll(async () => {
  larder = await startTestServer();
  const { url } = larder.process.upstream;
  await larder.run("repo", "create", "charts", "--format", "helm", "--upstream-url", url);
  await larder.run("repo", "create", "files", "--format", "raw", "--upstream-url", url, "--allow-invalid");
});
afterAll(() => larder.close());

/** Does what a worker does, as soon as there is a task. */
async function work(state: IndexOutcome["state"], cause = ""): Promise<void> {
  const { tasks, catalog } = larder.process.database;
  const claimed = await tasks.claim("worker", LEASE_MS);
  if (!claimed) return void (await new Promise((resolve) => setTimeout(resolve, 20)).then(() => work(state, cause)));
  const { lease, task } = claimed;
  const issues = [{ packageName: "broken", version: "", message: "no version" }];
  await tasks.begin(lease, LEASE_MS, { digest: "sha256:11", digestBefore: "", seen: 4, failed: 1, issues });
  await catalog.apply(lease, LEASE_MS, task.repositoryUid, LISTED);
  const outcome = { causeReason: "", unchanged: false, indexDigest: "sha256:11", complete: undefined };
  await tasks.finish(lease, { ...outcome, state, cause });
}

test("index waits for the end when it is told to, and names the entries that could not be read", async () => {
  const [waited] = await Promise.all([
    larder.attempt(["repo", "index", "charts", "--wait", "--force"]),
    work("PARTIAL"),
  ]);
  expect(waited.exitCode).toBe(0);
  expect(waited.output).toMatch(/^state +PARTIAL$/m);
  expect(waited.output).toMatch(/^versions +4 seen, 3 added, 1 failed$/m);
  const id = /^see: larder task issues (\w+)\n$/.exec(waited.errors)?.[1] ?? "";
  expect(await larder.run("task", "issues", id)).toBe("PACKAGE  VERSION  MESSAGE\nbroken            no version\n");
  expect(await larder.json("task", "get", id)).toMatchObject({ name: `indexTasks/${id}`, counts: { added: "3" } });
});

test("packages and their versions are listed", async () => {
  const packages = (await larder.run("package", "list", "charts")).split("\n");
  expect(packages[0]).toMatch(/^NAME +LATEST +VERSIONS +UPDATED +STATE +DESCRIPTION$/);
  expect(packages[1]).toMatch(/^nginx +2\.0\.0 +2 +\d+s +a server�\[31m$/);
  expect(packages[2]).toMatch(/^scoped\/ü +1\.0\.0 +1 +\d+s +deprecated$/);
  expect(await larder.run("package", "list", "charts", "--filter", 'name = "ngi*"')).not.toContain("scoped");
  expect(await larder.run("package", "versions", "charts", "scoped/ü")).toMatch(
    /^VERSION .*\n1\.0\.0 +7 +\d+y +sha256:a+\n$/,
  );
  const { versions } = await larder.json("package", "versions", "charts", "nginx", "--limit", "1");
  expect(versions).toMatchObject([{ version: "2.0.0" }]);
  const absent = await larder.attempt(["package", "versions", "charts", "absent"]);
  expect(absent).toMatchObject({ exitCode: 1, errors: expect.stringContaining("(PACKAGE_NOT_FOUND)") });
});

test("on a terminal the wait shows progress and cleans up after itself; a run that fails is exit code 1", async () => {
  const run = larder.attempt(["repo", "index", "charts", "--force"], { environment: larder.environment, columns: 60 });
  const [{ exitCode, output, errors }] = await Promise.all([run, work("FAILED", "the upstream is gone")]);
  expect(exitCode).toBe(1);
  const [nothing, ...lines] = errors.split("\r\u001b[2K");
  expect(nothing).toBe("");
  expect(lines[0]).toMatch(/^charts: (?:PENDING|WORKING|FAILED), /);
  expect(lines.at(-1)).toMatch(/^see: larder task issues \w+\n$/);
  for (const line of lines) expect(line.trimEnd().length).toBeLessThan(60);
  expect(output).toMatch(/state.* FAILED\n.*cause.* the upstream is gone\n/);
});

test("as JSON a wait is a line for each change", async () => {
  const run = larder.run("repo", "index", "charts", "--wait", "--force", "--json");
  const [text] = await Promise.all([run, work("SUCCEEDED")]);
  const tasks = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(tasks.at(-1)).toMatchObject({ state: "INDEX_TASK_STATE_SUCCEEDED", repository: "repositories/charts" });
});

test("without a terminal index only asks, and tasks are listed newest first", async () => {
  const asked = await larder.json("repo", "index", "charts", "--package", "nginx", "--package", "redis");
  expect(asked).toMatchObject({ state: "INDEX_TASK_STATE_PENDING", packages: ["nginx", "redis"] });
  const table = (await larder.run("task", "list", "--repository", "charts")).split("\n");
  expect(table[0]).toMatch(/^ID +REPOSITORY +STATE +SEEN +ADDED +UPDATED +REMOVED +FAILED +AGE +CAUSE$/);
  expect(table.slice(1, 5).map((line) => line.split(/ +/)[2])).toEqual(["PENDING", "SUCCEEDED", "FAILED", "PARTIAL"]);
  expect(await larder.run("task", "list", "--state", "failed")).toContain("the upstream is gone");
  await work("SUCCEEDED");
});

test("a format without an index of everything is refused", async () => {
  const refused = await larder.attempt(["repo", "index", "files"]);
  expect(refused).toMatchObject({ exitCode: 1, errors: expect.stringContaining("(FORMAT_NOT_INDEXABLE)") });
});
