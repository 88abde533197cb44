import { afterAll, beforeAll, expect, test } from "vitest";
import type { RepositoryEvent } from "#gen/larder/v1/resources_pb.ts";
import { startTestProcess, type TestProcess } from "./start-test-process.ts";

let larder: TestProcess;
let repos: TestProcess["clients"]["repoManager"];
beforeAll(async () => {
  larder = await startTestProcess();
  repos = larder.clients.repoManager;
});
afterAll(() => larder.close());

let count = 0;

async function create(repositoryId = `files-${count++}`) {
  return repos.createRepository({ repositoryId, repository: { format: "raw", upstreamUrl: "http://files.example/" } });
}

async function lastEventId(parent: string): Promise<string> {
  const { events } = await repos.listRepositoryEvents({ parent, pageSize: 1 });
  return events[0]?.id ?? "";
}

/** Watches until so many have come, then leaves. */
async function take(watch: AsyncIterable<RepositoryEvent>, wanted: number): Promise<RepositoryEvent[]> {
  const events: RepositoryEvent[] = [];
  for await (const event of watch) {
    events.push(event);
    if (events.length === wanted) break;
  }
  return events;
}

test("what happens is sent in order, from the event after the named one", async () => {
  const { name, uid } = await create();
  const afterEventId = await lastEventId(name);
  const watching = take(repos.watchRepositoryEvents({ parent: name, afterEventId }), 3);
  await create();
  await repos.updateRepository({ repository: { name, description: "new" }, updateMask: { paths: ["description"] } });
  await repos.deleteRepository({ name });
  await repos.undeleteRepository({ name });
  const seen = await watching;
  expect(seen.map(({ type }) => type)).toEqual(["UPDATED", "DELETED", "UNDELETED"]);
  expect(seen[0]).toMatchObject({ repository: name, repositoryUid: uid, actor: "users/admin" });
  const rest = await take(repos.watchRepositoryEvents({ parent: name, afterEventId: seen[0]?.id ?? "" }), 2);
  expect(rest).toEqual(seen.slice(1));
});

test("without an event to begin after, what was before is not sent", async () => {
  await create();
  const from = await lastEventId("repositories/-");
  const watching = take(repos.watchRepositoryEvents({ parent: "repositories/-" }), 1);
  // Nobody is told when the watch has begun: something happens until it has.
  let done = false;
  const seen = watching.finally(() => {
    done = true;
  });
  while (!done) await create();
  expect(Number((await seen)[0]?.id)).toBeGreaterThan(Number(from));
});

test("more events than a look takes come all, each once", async () => {
  const { name, uid } = await create();
  const repositoryId = name.slice("repositories/".length);
  const afterEventId = await lastEventId(name);
  for (let n = 0; n < 230; n++) {
    await larder.database.repositories.appendEvent({
      ...{ repositoryId, repositoryUid: uid, type: "DIGEST_MISMATCH", message: "m", actor: "system" },
      facts: { n: String(n) },
    });
  }
  const seen = await take(repos.watchRepositoryEvents({ parent: name, afterEventId }), 230);
  expect(seen.map(({ facts }) => Number(facts.n))).toEqual(Array.from({ length: 230 }, (_, n) => n));
});

test("a repository that took a deleted one's name shows none of its events", async () => {
  const { name } = await create("taken");
  await repos.deleteRepository({ name });
  const fresh = await create("taken");
  const { events } = await repos.listRepositoryEvents({ parent: name });
  expect(events.map(({ type, repositoryUid }) => [type, repositoryUid])).toEqual([["CREATED", fresh.uid]]);
  expect(await take(repos.watchRepositoryEvents({ parent: name, afterEventId: "0" }), 1)).toEqual(events);
});

test("a watch that the closing server ends says so", async () => {
  const closing = await startTestProcess();
  const watch = closing.clients.repoManager.watchRepositoryEvents({ parent: "repositories/-", afterEventId: "0" });
  const events = watch[Symbol.asyncIterator]();
  const repository = { format: "raw", upstreamUrl: "http://files.example/" };
  await closing.clients.repoManager.createRepository({ repositoryId: "files", repository });
  expect((await events.next()).value).toMatchObject({ type: "CREATED" });
  const closed = closing.server.close();
  await expect(events.next()).rejects.toMatchObject({ code: 14 });
  await closed;
  await closing.close();
});

test.each([
  { parent: "repositories/absent", afterEventId: "", want: "REPOSITORY_NOT_FOUND" },
  { parent: "packages/x", afterEventId: "", want: "ARGUMENT_INVALID" },
  { parent: "repositories/-", afterEventId: "last", want: "ARGUMENT_INVALID" },
  { parent: "repositories/-", afterEventId: "-1", want: "ARGUMENT_INVALID" },
])("$parent after $afterEventId: $want", async ({ parent, afterEventId, want }) => {
  const asked = take(repos.watchRepositoryEvents({ parent, afterEventId }), 1);
  await expect(asked).rejects.toEqual(expect.objectContaining({ name: "Fault", reason: want }));
});
