import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Adopted } from "#internal/adoption/adopt.ts";
import type { ConfiguredRepository } from "#internal/config/configured-repositories.ts";
import { type Database, openDatabase } from "#internal/database/database.ts";
import type { Format } from "#internal/format/format.ts";
import { formats } from "#internal/format/formats.ts";
import type { Credential } from "#internal/repository/repository.ts";
import { openTestUpstream, type TestUpstream } from "#internal/upstream/test-upstream.ts";
import { type FixtureUpstream, startFixtureUpstream } from "../../test/fixtures/fixture-upstream.ts";
import { type Fixtures, startFixtures } from "../../test/fixtures/start-fixtures.ts";
import { adoptRepositories } from "./adopt-repositories.ts";
import { applyConfiguredRepositories } from "./apply-configured.ts";
import { createRepositoryManager } from "./create-repository-manager.ts";
import type { RepositoryInput, RepositoryManager } from "./repository-manager.ts";

const ANN = "users/ann";
const SECRET = "canary-77c1e4";
const BASIC: Credential = { kind: "basic", username: "robot", password: SECRET };
const STRICT = { allowInvalid: false, credential: undefined, etagVersion: undefined };
const LENIENT = { ...STRICT, allowInvalid: true };
const NOWHERE = "http://no-such-name.invalid/";

let folder: string;
let database: Database;
let fixtures: Fixtures;
let bench: TestUpstream;
let manager: RepositoryManager;
let privateNpm: FixtureUpstream;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "larder-manager-"));
  database = await openDatabase({ url: `sqlite:${join(folder, "larder.db")}`, secretKey: randomBytes(32) });
  fixtures = await startFixtures();
  const authorization = `Basic ${Buffer.from(`robot:${SECRET}`).toString("base64")}`;
  privateNpm = await startFixtureUpstream({ site: fixtures.npm.site, authorization });
  bench = openTestUpstream({ allowedAddresses: ["127.0.0.0/8"], timeoutMs: 5_000 });
  manager = createRepositoryManager({ repositories: database.repositories, upstream: bench.upstream, formats });
});
afterAll(async () => {
  await bench.close();
  await Promise.all([fixtures.stop(), privateNpm.stop()]);
  await database.close();
  await rm(folder, { recursive: true, force: true });
});

let count = 0;

function input(fields: Partial<RepositoryInput> = {}): RepositoryInput {
  return {
    id: `repository-${count++}`,
    format: "npm",
    upstreamUrl: fixtures.npm.upstream.url,
    displayName: "",
    description: "",
    fileOrigins: [],
    visibility: undefined,
    labels: {},
    syncIntervalMs: 0,
    metadataTtlMs: undefined,
    ...fields,
  };
}

const eventsOf = async (id: string) =>
  (await database.repositories.listEvents((await database.repositories.get(id)).uid, {})).items.map(
    ({ type, facts }) => [type, facts.fields],
  );

test("a new repository gets its defaults, its canonical URL and the caller as owner", async () => {
  const created = await manager.create(input({ id: "fresh" }), STRICT, ANN);
  expect(created).toMatchObject({
    ...{ id: "fresh", displayName: "fresh", visibility: "PRIVATE", owner: ANN, state: "ACTIVE", mode: "PROXY" },
    ...{ upstreamUrl: `${fixtures.npm.upstream.url}/`, upstreamTrusted: false, hasCredential: false },
  });
  await expect(manager.create(input({ id: "fresh" }), STRICT, ANN)).rejects.toMatchObject({
    reason: "REPOSITORY_EXISTS",
  });
});

test.each<{ name: string; fields: () => Partial<RepositoryInput>; field: string }>([
  { name: "id", fields: () => ({ id: "Not an id" }), field: "repository_id" },
  { name: "format missing", fields: () => ({ format: "" }), field: "format" },
  { name: "format unknown", fields: () => ({ format: "__proto__" }), field: "format" },
  { name: "URL", fields: () => ({ upstreamUrl: "registry.example" }), field: "upstream_url" },
  { name: "URL's scheme", fields: () => ({ upstreamUrl: "file:///etc/passwd" }), field: "upstream_url" },
  { name: "URL's password", fields: () => ({ upstreamUrl: `http://a:${SECRET}@b.example/` }), field: "upstream_url" },
  { name: "display name", fields: () => ({ displayName: "n".repeat(101) }), field: "display_name" },
  { name: "description", fields: () => ({ description: "d".repeat(1_001) }), field: "description" },
  { name: "label", fields: () => ({ labels: { "No key": "" } }), field: "labels" },
  { name: "TTL too long", fields: () => ({ metadataTtlMs: 30 * 86_400_000 + 1 }), field: "metadata_ttl" },
  { name: "TTL negative", fields: () => ({ metadataTtlMs: -1 }), field: "metadata_ttl" },
  {
    name: "sync too often",
    fields: () => ({ format: "helm", upstreamUrl: fixtures.helm.upstream.url, syncIntervalMs: 59_999 }),
    field: "sync_interval",
  },
  { name: "sync without an index", fields: () => ({ syncIntervalMs: 60_000 }), field: "sync_interval" },
  {
    name: "file origin with a path",
    fields: () => ({ fileOrigins: ["http://files.example/x"] }),
    field: "file_origins",
  },
  {
    name: "file origin's password",
    fields: () => ({ fileOrigins: [`http://a:${SECRET}@b.example`] }),
    field: "file_origins",
  },
  {
    name: "many file origins",
    fields: () => ({ fileOrigins: Array.from({ length: 21 }, (_, at) => `http://f${at}.example`) }),
    field: "file_origins",
  },
])("refuses a wrong $name, also with allow_invalid", async ({ fields, field }) => {
  const error = await manager.create(input(fields()), LENIENT, ANN).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ reason: "ARGUMENT_INVALID", facts: { field } });
  expect(String(error)).not.toContain(SECRET);
});

test.each<{ name: string; credential: Credential }>([
  { name: "user with a colon", credential: { kind: "basic", username: "a:b", password: SECRET } },
  { name: "empty token", credential: { kind: "bearer", token: "" } },
  { name: "token with a line break", credential: { kind: "bearer", token: `${SECRET}\nx` } },
  { name: "header of HTTP itself", credential: { kind: "header", name: "Host", value: SECRET } },
])("refuses a credential: $name", async ({ credential }) => {
  const error = await manager.create(input(), { ...LENIENT, credential }, ANN).catch((caught: unknown) => caught);
  expect(error).toMatchObject({ reason: "ARGUMENT_INVALID" });
  expect(String(error)).not.toContain(SECRET);
});

test("an upstream that does not answer is refused with step and hint, or kept as UNREACHABLE", async () => {
  const unreachable = input({ upstreamUrl: `${NOWHERE}npm` });
  await expect(manager.create(unreachable, STRICT, ANN)).rejects.toMatchObject({
    reason: "REPOSITORY_INVALID",
    message: expect.stringMatching(/dns.*no-such-name\.invalid.*spelling.*allow_invalid/s),
    facts: { step: "dns", reason: "UPSTREAM_UNAVAILABLE" },
  });
  const created = await manager.create(unreachable, LENIENT, ANN);
  expect(created).toMatchObject({ state: "UNREACHABLE", upstreamUrl: `${NOWHERE}npm/` });
  const id = created.id;
  const recovered = await manager.update(id, { upstreamUrl: fixtures.npm.upstream.url }, STRICT, ANN);
  expect(recovered).toMatchObject({ state: "ACTIVE", upstreamUrl: `${fixtures.npm.upstream.url}/` });
});

test("file origins are learned when none are given, and kept when some are", async () => {
  const pypi = { format: "pypi", upstreamUrl: fixtures.pypi.upstream.url };
  const learned = await manager.create(input(pypi), STRICT, ANN);
  expect(learned).toMatchObject({
    upstreamUrl: `${fixtures.pypi.upstream.url}/simple/`,
    fileOrigins: [fixtures.pypi.files.url],
  });
  const helm = { format: "helm", upstreamUrl: `${fixtures.helm.upstream.url}/index.yaml` };
  expect(await manager.create(input(helm), STRICT, ANN)).toMatchObject({
    upstreamUrl: `${fixtures.helm.upstream.url}/`,
    fileOrigins: [fixtures.helm.files.url],
  });
  const given = input({ ...helm, fileOrigins: ["HTTP://files.example:80", "http://files.example"] });
  expect((await manager.create(given, STRICT, ANN)).fileOrigins).toEqual(["http://files.example"]);
});

test("the credential validates, is stored, and is nowhere to be read", async () => {
  const fields = input({ upstreamUrl: privateNpm.url });
  await expect(manager.create(fields, STRICT, ANN)).rejects.toMatchObject({ facts: { step: "auth" } });
  const created = await manager.create(fields, { ...STRICT, credential: BASIC }, ANN);
  expect(created).toMatchObject({ state: "ACTIVE", hasCredential: true });
  const events = await database.repositories.listEvents(created.uid, {});
  expect(JSON.stringify([created, events])).not.toContain(SECRET);
  const told = await Array.fromAsync(
    manager.validate({ kind: "stored", repositoryId: created.id }, new AbortController().signal),
  );
  expect(told.at(-1)).toMatchObject({ kind: "preview", valid: true });
  expect(JSON.stringify(told)).not.toContain(SECRET);
});

test("an update changes the named fields only, and asks the upstream only for a changed URL", async () => {
  const { id } = await manager.create(input({ description: "before", labels: { team: "web" } }), STRICT, ANN);
  fixtures.npm.upstream.clearRequests();
  const changed = await manager.update(id, { displayName: "Web", visibility: "PUBLIC" }, STRICT, ANN);
  expect(changed).toMatchObject({ displayName: "Web", visibility: "PUBLIC", description: "before" });
  expect(changed.labels).toEqual({ team: "web" });
  const reset = await manager.update(id, { displayName: "", visibility: undefined }, STRICT, ANN);
  expect(reset).toMatchObject({ displayName: id, visibility: "PRIVATE" });
  await manager.update(id, { upstreamUrl: fixtures.npm.upstream.url }, STRICT, ANN);
  expect(fixtures.npm.upstream.requestCount()).toBe(0);
});

test.each([
  { name: "an unknown repository", id: "nobody", changes: {}, options: STRICT, reason: "REPOSITORY_NOT_FOUND" },
  { name: "a stale etag", changes: {}, options: { ...STRICT, etagVersion: 9 }, reason: "ETAG_STALE" },
  { name: "a wrong field", changes: { metadataTtlMs: -1 }, options: STRICT, reason: "ARGUMENT_INVALID" },
  { name: "another upstream", changes: { upstreamUrl: NOWHERE }, options: STRICT, reason: "REPOSITORY_INVALID" },
])("an update is refused: $name", async ({ id, changes, options, reason }) => {
  const created = await manager.create(input(), STRICT, ANN);
  await expect(manager.update(id ?? created.id, changes, options, ANN)).rejects.toMatchObject({ reason });
  expect(await database.repositories.get(created.id)).toEqual(created);
});

test("a stored credential is used for its own origin, and never sent to another", async () => {
  const { id } = await manager.create(input({ upstreamUrl: privateNpm.url }), { ...STRICT, credential: BASIC }, ANN);
  const elsewhere = await manager.update(id, { upstreamUrl: `${privateNpm.url}/elsewhere` }, STRICT, ANN);
  expect(elsewhere).toMatchObject({ hasCredential: true, state: "ACTIVE" });

  fixtures.npm.upstream.clearRequests();
  const moved = await manager.update(id, { upstreamUrl: fixtures.npm.upstream.url }, STRICT, ANN);
  expect(moved.hasCredential).toBe(false);
  expect(await database.repositories.readCredential(id)).toBeUndefined();
  expect(fixtures.npm.upstream.requestCount()).toBeGreaterThan(0);
  expect(fixtures.npm.upstream.requests.filter(({ headers }) => headers.authorization)).toEqual([]);
});

test("the operator's trust stays with the origin that it was given for", async () => {
  const guarded = openTestUpstream({ timeoutMs: 5_000 });
  const strict = createRepositoryManager({ repositories: database.repositories, upstream: guarded.upstream, formats });
  await expect(strict.create(input(), STRICT, ANN)).rejects.toMatchObject({ facts: { reason: "UPSTREAM_FORBIDDEN" } });
  const { id } = await strict.create(input(), { ...STRICT, upstreamTrusted: true }, ANN);
  const inside = { upstreamUrl: fixtures.helm.upstream.url };
  await expect(strict.update(id, inside, STRICT, ANN)).rejects.toMatchObject({
    facts: { reason: "UPSTREAM_FORBIDDEN" },
  });
  expect(await strict.update(id, inside, LENIENT, ANN)).toMatchObject({ upstreamTrusted: false, state: "UNREACHABLE" });
  await guarded.close();
});

test.each([
  { format: "helm", url: () => fixtures.helm.upstream.url, runs: 2 },
  { format: "npm", url: () => fixtures.npm.upstream.url, runs: 1 },
])("another upstream of $format is read when the old one was", async ({ format, url, runs }) => {
  const { tasks } = database;
  const { id } = await manager.create(input({ format, upstreamUrl: url() }), STRICT, ANN);
  const { id: taskId } = await tasks.request(id, { packages: [], force: false, actor: ANN });
  await tasks.cancel(taskId, ANN);
  await manager.update(id, { upstreamUrl: url() }, STRICT, ANN);
  await manager.update(id, { upstreamUrl: NOWHERE }, LENIENT, ANN);
  const { items } = await tasks.list({ filter: `repository = repositories/${id}` });
  expect(items).toHaveLength(runs);
});

test("nothing goes to the upstream of a repository that is OFFLINE", async () => {
  const { id } = await manager.create(input(), STRICT, ANN);
  await database.repositories.setUpstreamMode({ id }, "OFFLINE", ANN);
  fixtures.npm.upstream.clearRequests();
  const signal = new AbortController().signal;
  const told = await Array.fromAsync(manager.validate({ kind: "stored", repositoryId: id }, signal));
  expect(told.find((event) => event.kind === "step" && event.status === "FAILED")).toMatchObject({
    id: "dns",
    reason: "UPSTREAM_OFFLINE",
  });
  expect(fixtures.npm.upstream.requestCount()).toBe(0);
});

test.each([
  { input: { kind: "stored", repositoryId: "nobody" } as const, reason: "REPOSITORY_NOT_FOUND" },
  {
    input: { kind: "described", format: "nothing", upstreamUrl: NOWHERE, credential: undefined } as const,
    reason: "ARGUMENT_INVALID",
  },
])("a validation that cannot begin: $reason", async ({ input: asked, reason }) => {
  const told = Array.fromAsync(manager.validate(asked, new AbortController().signal));
  await expect(told).rejects.toMatchObject({ reason });
});

function configured(fields: Partial<ConfiguredRepository> & Pick<ConfiguredRepository, "id">): ConfiguredRepository {
  const none = { displayName: undefined, description: undefined, visibility: undefined, labels: undefined };
  const times = { metadataTtlMs: undefined, syncIntervalMs: undefined, fileOrigins: undefined };
  const upstream = {
    format: "npm",
    upstreamUrl: fixtures.npm.upstream.url,
    upstreamMode: undefined,
    credential: undefined,
  };
  return { ...none, ...times, ...upstream, ...fields };
}

test("the configuration's repositories are made, and only what differs is written", async () => {
  const deps = { manager, repositories: database.repositories, formats };
  const list = [
    configured({ id: "file-npm", upstreamUrl: privateNpm.url, credential: BASIC, labels: { team: "web" } }),
    configured({ id: "file-down", upstreamUrl: NOWHERE, upstreamMode: "OFFLINE" }),
  ];
  const first = await applyConfiguredRepositories(deps, list);
  expect(first).toMatchObject([
    { id: "file-npm", state: "ACTIVE", upstreamTrusted: true, hasCredential: true, owner: "system" },
    { id: "file-down", state: "UNREACHABLE", upstreamTrusted: true, upstreamMode: "OFFLINE" },
  ]);
  expect(await applyConfiguredRepositories(deps, list)).toEqual(first);

  const changed = { ...configured({ id: "file-npm", upstreamUrl: privateNpm.url }), visibility: "PUBLIC" as const };
  const [second] = await applyConfiguredRepositories(deps, [changed]);
  expect(second).toMatchObject({ visibility: "PUBLIC", hasCredential: true, labels: { team: "web" } });
  expect(await eventsOf("file-npm")).toEqual([
    ["UPDATED", "visibility"],
    ["CREATED", undefined],
  ]);
});

test.each([
  { name: "another format", fields: { id: "file-npm", format: "helm" }, message: /"file-npm".*cannot become "helm"/ },
  { name: "a wrong field", fields: { id: "file-wrong", metadataTtlMs: -1 }, message: /"file-wrong".*metadata_ttl/ },
])("the configuration stops the start: $name", async ({ fields, message }) => {
  const deps = { manager, repositories: database.repositories, formats };
  await expect(applyConfiguredRepositories(deps, [configured(fields)])).rejects.toMatchObject({
    reason: "ARGUMENT_INVALID",
    message: expect.stringMatching(message),
  });
});

test("upstreams are adopted without a question, on an empty catalogue only", async () => {
  const empty = await openDatabase({ url: `sqlite:${join(folder, "adopted.db")}`, secretKey: randomBytes(32) });
  const refused: string[] = [];
  const { repositories } = empty;
  const deps = { repositories, formats, onRefused: ({ url }: Adopted) => void refused.push(url) };
  const adopted = (id: string, url: string, fileOrigins: string[] = []): Adopted => {
    return { repositoryId: id, format: formats.get(id) as Format, url, fileOrigins, foundIn: "a test" };
  };
  const list = [
    adopted("npm", NOWHERE),
    adopted("pypi", `${NOWHERE}simple`, ["http://files.example"]),
    adopted("helm", "nonsense"),
    adopted("npm", "http://second.invalid/"),
  ];
  const created = await adoptRepositories(deps, list);
  expect(created).toMatchObject([
    { id: "npm", visibility: "PUBLIC", upstreamTrusted: true, state: "ACTIVE", upstreamUrl: NOWHERE },
    { id: "pypi", upstreamUrl: `${NOWHERE}simple/`, fileOrigins: ["http://files.example"] },
  ]);
  expect(refused).toEqual(["nonsense", "http://second.invalid/"]);

  await repositories.deleteMany(["npm", "pypi"], ANN);
  expect(await adoptRepositories(deps, list)).toEqual([]);
  await empty.close();
});
