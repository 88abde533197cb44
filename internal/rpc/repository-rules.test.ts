import { afterAll, beforeAll, expect, test } from "vitest";
import { RepositoryState } from "#gen/larder/v1/resources_pb.ts";
import { startTestProcess, type TestProcess } from "./start-test-process.ts";

/** Nobody listens there. */
const NOWHERE = "http://127.0.0.1:1/";

let larder: TestProcess;
let repos: TestProcess["clients"]["repoManager"];
beforeAll(async () => {
  larder = await startTestProcess({ rules: true });
  repos = larder.clients.repoManager;
  larder.upstream.files.set("/", Buffer.from("<html></html>"));
});
afterAll(() => larder.close());

const create = (repositoryId: string, upstreamUrl: string, allowInvalid = false) =>
  repos.createRepository({ repositoryId, repository: { format: "raw", upstreamUrl }, allowInvalid });

test("an upstream that answers makes an active repository", async () => {
  const upstreamUrl = larder.upstream.url.slice(0, -1);
  expect(await create("files", upstreamUrl)).toMatchObject({
    upstreamUrl: larder.upstream.url,
    state: RepositoryState.ACTIVE,
  });
});

test("one that does not is refused, unless the caller insists", async () => {
  await expect(create("nowhere", NOWHERE)).rejects.toMatchObject({ name: "Fault", reason: "REPOSITORY_INVALID" });
  expect((await create("nowhere", NOWHERE, true)).state).toBe(RepositoryState.UNREACHABLE);
});

test.each([
  {
    name: "of an upstream that answers",
    request: () => ({ format: "raw", upstreamUrl: larder.upstream.url }),
    valid: true,
  },
  { name: "of one that does not", request: () => ({ format: "raw", upstreamUrl: NOWHERE }), valid: false },
  { name: "of a stored repository", request: () => ({ name: "repositories/files" }), valid: true },
])("a validation $name streams its nine steps and the preview", async ({ request, valid }) => {
  const events = (await Array.fromAsync(repos.validateRepository(request()))).map(({ event }) => event);
  expect(events.map(({ case: kind }) => kind)).toEqual([...Array(9).fill("step"), "preview"]);
  expect(events.at(-1)?.value).toMatchObject({ valid });
});

test.each([
  { name: "an id", ask: () => create("Upper", NOWHERE), field: "repository_id" },
  {
    name: "an address with a password",
    ask: () => create("secret", "http://a:canary@files.example/"),
    field: "upstream_url",
  },
])("$name that breaks its rule is refused with its field", async ({ ask, field }) => {
  const fault = await ask().catch((error) => error);
  expect(fault).toMatchObject({ reason: "ARGUMENT_INVALID", facts: { field: expect.stringContaining(field) } });
  expect(fault.message).not.toContain("canary");
});
