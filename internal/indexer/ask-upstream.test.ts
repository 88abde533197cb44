import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { formats } from "#internal/format/formats.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { openTestUpstream, type TestUpstream } from "#internal/upstream/test-upstream.ts";
import type { UpstreamCredential } from "#internal/upstream/upstream.ts";
import type { PathBehaviour } from "../../test/fixtures/behaviour.ts";
import { type FixtureUpstream, startFixtureUpstream } from "../../test/fixtures/fixture-upstream.ts";
import { createHelmSite } from "../../test/fixtures/helm-site.ts";
import { createFetchIndex } from "./ask-upstream.ts";
import type { FetchedIndex, IndexValidators } from "./fetch-index.ts";
import { needIndexable } from "./indexable.ts";
import { someRepository } from "./indexer-bench.ts";

const SECRET = "canary-4be19c";
const BASIC: UpstreamCredential = { kind: "basic", username: "robot", password: SECRET };
const helm = needIndexable(formats, { id: "charts", format: "helm" });
const site = createHelmSite();

let way: TestUpstream;
let open: FixtureUpstream;
let locked: FixtureUpstream;
beforeAll(async () => {
  open = await startFixtureUpstream({ site, basePath: "/charts" });
  const authorization = `Basic ${Buffer.from(`robot:${SECRET}`).toString("base64")}`;
  locked = await startFixtureUpstream({ site, authorization });
});
beforeEach(async () => {
  await way?.close();
  way = openTestUpstream({ allowedAddresses: ["127.0.0.0/8"], timeoutMs: 2_000 });
  await open.behave("normal");
  open.clearRequests();
  locked.clearRequests();
});
afterAll(() => Promise.all([way.close(), open.stop(), locked.stop()]));

interface Ask {
  readonly from?: FixtureUpstream;
  readonly validators?: IndexValidators;
  readonly credential?: UpstreamCredential;
  readonly documentMaxBytes?: number;
  readonly signal?: AbortSignal;
}

function ask({ from = open, validators, credential, documentMaxBytes = 1e8, signal }: Ask = {}): Promise<FetchedIndex> {
  const upstreamUrl = `${from.url}/`;
  const fetchIndex = createFetchIndex({
    upstream: way.upstream,
    accessOf: async ({ upstreamUrl: baseUrl }) => ({ baseUrl, credential, trusted: false }),
    documentMaxBytes,
  });
  const repository = { ...someRepository({ upstreamUrl }), uid: "uid" } as unknown as Repository;
  return fetchIndex(repository, helm, validators, signal ?? new AbortController().signal);
}

async function read(options?: Ask): Promise<Extract<FetchedIndex, { status: 200 }>> {
  const fetched = await ask(options);
  if (fetched.status !== 200) throw new Error("the upstream answered 304");
  return fetched;
}

test("the index comes decoded, with its validators and where it is from", async () => {
  const index = await read();
  expect(index.body.toString()).toMatch(/^apiVersion: v1\n/);
  expect(index.url).toBe(`${open.url}/index.yaml`);
  expect(index).toMatchObject({ requestedUrl: index.url, contentType: "text/yaml", etag: expect.stringMatching(/^"/) });
  expect(Date.parse(index.lastModified)).toBeGreaterThan(0);
  expect(open.requests).toMatchObject([
    { method: "GET", path: "/index.yaml", headers: { "accept-encoding": "gzip, br" } },
  ]);
  expect(open.requests[0]?.headers).not.toHaveProperty("if-none-match");
});

test("with the validators of the last one only a changed index comes", async () => {
  const { etag, lastModified, body } = await read();
  expect(await ask({ validators: { etag, lastModified } })).toEqual({ status: 304 });
  expect(open.requests.at(-1)?.headers).toMatchObject({
    "if-none-match": etag,
    "if-modified-since": lastModified,
  });
  site.addLarge(1, 1);
  const changed = await read({ validators: { etag, lastModified } });
  expect(changed.etag).not.toBe(etag);
  expect(changed.body.equals(body)).toBe(false);
});

test("validators that there are not are not sent", async () => {
  await ask({ validators: { etag: "", lastModified: "Wed, 05 Jul 2017 10:00:00 GMT" } });
  expect(open.requests[0]?.headers).not.toHaveProperty("if-none-match");
  expect(open.requests[0]?.headers).toHaveProperty("if-modified-since");
});

test("the credential goes to the upstream, and not to where it redirects", async () => {
  expect((await read({ from: locked, credential: BASIC })).body.length).toBeGreaterThan(0);
  await expect(ask({ from: locked })).rejects.toMatchObject({ reason: "UPSTREAM_REFUSED" });
  const { origin } = new URL(locked.url);
  open.behaveFor("/index.yaml", { mode: "redirect", origin: `${origin}/elsewhere` });
  const redirected = ask({ credential: BASIC });
  await expect(redirected).rejects.toMatchObject({ reason: "UPSTREAM_REFUSED" });
  expect(locked.requests.at(-1)?.headers).not.toHaveProperty("authorization");
});

test.each<{ name: string; behaviour: PathBehaviour; want: string }>([
  { name: "404", behaviour: { mode: "status", code: 404 }, want: "UPSTREAM_NOT_FOUND" },
  { name: "410", behaviour: { mode: "status", code: 410 }, want: "UPSTREAM_NOT_FOUND" },
  { name: "204", behaviour: { mode: "status", code: 204 }, want: "UPSTREAM_INVALID" },
  { name: "304 that nobody asked for", behaviour: { mode: "status", code: 304 }, want: "UPSTREAM_INVALID" },
  { name: "403", behaviour: { mode: "status", code: 403 }, want: "UPSTREAM_REFUSED" },
  { name: "429", behaviour: { mode: "status", code: 429 }, want: "UPSTREAM_RATE_LIMITED" },
  { name: "503", behaviour: { mode: "status", code: 503 }, want: "UPSTREAM_UNAVAILABLE" },
  { name: "a reset", behaviour: "reset", want: "UPSTREAM_UNAVAILABLE" },
  { name: "half of the index", behaviour: { mode: "truncate", afterBytes: 100 }, want: "UPSTREAM_UNAVAILABLE" },
])("$name: $want", async ({ behaviour, want }) => {
  open.behaveFor("/index.yaml", behaviour);
  await expect(ask()).rejects.toMatchObject({ name: "Fault", reason: want });
});

test("an index that is too large once it is decoded is not taken", async () => {
  const { body } = await read();
  await expect(ask({ documentMaxBytes: body.length - 1 })).rejects.toMatchObject({ reason: "LIMIT_EXCEEDED" });
  expect((await read({ documentMaxBytes: body.length })).body.equals(body)).toBe(true);
});

test("a run that is stopped waits no longer", async () => {
  open.behaveFor("/index.yaml", "hang");
  const stop = new AbortController();
  const asked = ask({ signal: stop.signal });
  await expect.poll(() => open.requestCount()).toBe(1);
  stop.abort(new Error("stopped"));
  await expect(asked).rejects.toThrow();
});
