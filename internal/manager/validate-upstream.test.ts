import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { formats } from "#internal/format/formats.ts";
import type { Credential } from "#internal/repository/repository.ts";
import { startHostileServer } from "#internal/upstream/hostile-server.ts";
import { openTestUpstream, type TestUpstream } from "#internal/upstream/test-upstream.ts";
import { redirectAnswer } from "../../test/fixtures/fixture-site.ts";
import { startFixtureUpstream } from "../../test/fixtures/fixture-upstream.ts";
import { type Fixtures, startFixtures } from "../../test/fixtures/start-fixtures.ts";
import { VALIDATION_STEPS, type ValidationPreview, type ValidationStep } from "./repository-manager.ts";
import type { UpstreamAsk, ValidationDeps } from "./upstream-ask.ts";
import { validateUpstream } from "./validate-upstream.ts";

const SECRET = "canary-0f6c2a";
const BASIC: Credential = { kind: "basic", username: "robot", password: SECRET };
const AUTHORIZATION = `Basic ${Buffer.from(`robot:${SECRET}`).toString("base64")}`;

let fixtures: Fixtures;
let bench: TestUpstream;
let deps: ValidationDeps;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  fixtures = await startFixtures();
  bench = openTestUpstream({ allowedAddresses: ["127.0.0.0/8"], timeoutMs: 5_000 });
  deps = {
    ...{ upstream: bench.upstream, formats, documentMaxBytes: 1e8, deadlineMs: 30_000 },
    nowMs: () => performance.now(),
  };
});
afterAll(async () => {
  await bench.close();
  await fixtures.stop();
  await Promise.all(closing.map((close) => close()));
});

interface Told {
  readonly steps: readonly ValidationStep[];
  readonly preview: ValidationPreview;
  readonly failed: ValidationStep | undefined;
}

async function validate(ask: Partial<UpstreamAsk>, changes: Partial<ValidationDeps> = {}): Promise<Told> {
  const whole = { format: "", upstreamUrl: "", credential: undefined, trusted: false, ...ask };
  const events = await Array.fromAsync(validateUpstream({ ...deps, ...changes }, whole, new AbortController().signal));
  const preview = events.pop();
  if (preview?.kind !== "preview") throw new Error("the preview is missing");
  const steps = events.filter((event) => event.kind === "step");
  expect(steps.map(({ id }) => id)).toEqual(VALIDATION_STEPS);
  return { steps, preview, failed: steps.find(({ status }) => status === "FAILED") };
}

/** A registry that answers every path alike. */
async function serve(
  answer: (path: string) => { status?: number; type?: string; body: string | Buffer; coding?: string },
) {
  const server: Server = createServer((request, response) => {
    const { status = 200, type = "application/json", body, coding } = answer(request.url ?? "");
    response.writeHead(status, { "content-type": type, ...(coding && { "content-encoding": coding }) }).end(body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

async function closedUrl(): Promise<string> {
  const server = await startHostileServer(() => undefined);
  await server.close();
  return server.url;
}

async function selfSignedUrl(): Promise<string> {
  const server = await bench.serve(() => undefined, { certificate: "server" });
  return server.url;
}

async function privateNpm(): Promise<string> {
  const { url, stop } = await startFixtureUpstream({ site: fixtures.npm.site, authorization: AUTHORIZATION });
  closing.push(stop);
  return url;
}

const portal = () => ({ type: "text/html", body: "<html><form>Sign in<input type=password></form></html>" });

test.each<{
  name: string;
  ask: () => Promise<Partial<UpstreamAsk>> | Partial<UpstreamAsk>;
  want: { step: string; reason: string; hint?: RegExp };
}>([
  { name: "no URL", ask: () => ({ upstreamUrl: "not a url" }), want: { step: "parse", reason: "ARGUMENT_INVALID" } },
  {
    name: "user information",
    ask: () => ({ upstreamUrl: `http://robot:${SECRET}@registry.example/` }),
    want: { step: "parse", reason: "ARGUMENT_INVALID", hint: /credential/ },
  },
  {
    name: "another scheme",
    ask: () => ({ upstreamUrl: "ftp://registry.example/" }),
    want: { step: "scheme", reason: "ARGUMENT_INVALID", hint: /https/ },
  },
  {
    name: "no such name",
    ask: () => ({ upstreamUrl: "http://no-such-name.invalid/" }),
    want: { step: "dns", reason: "UPSTREAM_UNAVAILABLE", hint: /spelling/ },
  },
  {
    name: "OFFLINE",
    ask: () => ({ upstreamUrl: fixtures.npm.upstream.url, format: "npm", offline: true }),
    want: { step: "dns", reason: "UPSTREAM_OFFLINE" },
  },
  {
    name: "refused connection",
    ask: async () => ({ upstreamUrl: await closedUrl() }),
    want: { step: "connect", reason: "UPSTREAM_UNAVAILABLE", hint: /port/ },
  },
  {
    name: "self-signed certificate",
    ask: async () => ({ upstreamUrl: await selfSignedUrl() }),
    want: { step: "tls", reason: "UPSTREAM_UNAVAILABLE", hint: /NODE_EXTRA_CA_CERTS/ },
  },
  {
    name: "401 without a credential",
    ask: async () => ({ upstreamUrl: await privateNpm(), format: "npm" }),
    want: { step: "auth", reason: "UPSTREAM_REFUSED", hint: /set a credential/ },
  },
  {
    name: "401 with a wrong one",
    ask: async () => ({
      upstreamUrl: await privateNpm(),
      credential: { kind: "bearer", token: SECRET },
    }),
    want: { step: "auth", reason: "UPSTREAM_REFUSED", hint: /check the credential/ },
  },
  {
    name: "404",
    ask: () => ({ upstreamUrl: `${fixtures.helm.upstream.url}/nowhere/`, format: "helm" }),
    want: { step: "index_fetch", reason: "UPSTREAM_NOT_FOUND", hint: /path/ },
  },
  {
    name: "500",
    ask: async () => ({ upstreamUrl: await serve(() => ({ status: 500, body: "" })), format: "npm" }),
    want: { step: "index_fetch", reason: "UPSTREAM_UNAVAILABLE" },
  },
  {
    name: "429",
    ask: async () => ({ upstreamUrl: await serve(() => ({ status: 429, body: "" })) }),
    want: { step: "index_fetch", reason: "UPSTREAM_RATE_LIMITED", hint: /wait/ },
  },
  {
    name: "a bomb",
    ask: async () => {
      const body = gzipSync(Buffer.alloc(2_000_000));
      return { upstreamUrl: await serve(() => ({ body, coding: "gzip" })), format: "helm" };
    },
    want: { step: "index_fetch", reason: "LIMIT_EXCEEDED", hint: /larger/ },
  },
  {
    name: "a login page",
    ask: async () => ({ upstreamUrl: await serve(portal), format: "npm" }),
    want: { step: "index_parse", reason: "UPSTREAM_INVALID", hint: /login page/ },
  },
  {
    name: "a login page, format unknown",
    ask: async () => ({ upstreamUrl: await serve(portal) }),
    want: { step: "index_parse", reason: "UPSTREAM_INVALID", hint: /login page/ },
  },
  {
    name: "broken JSON",
    ask: async () => ({ upstreamUrl: await serve(() => ({ body: '{"name": "once", "vers' })), format: "npm" }),
    want: { step: "index_parse", reason: "UPSTREAM_INVALID" },
  },
  {
    name: "an empty body",
    ask: async () => ({ upstreamUrl: await serve(() => ({ body: "" })), format: "pypi" }),
    want: { step: "index_parse", reason: "UPSTREAM_INVALID" },
  },
  {
    name: "the upstream of another format",
    ask: () => ({ upstreamUrl: fixtures.helm.upstream.url, format: "npm" }),
    want: { step: "format_match", reason: "UPSTREAM_INVALID", hint: /"helm"/ },
  },
])("$want.step fails: $name", async ({ ask, want }) => {
  const { steps, preview, failed } = await validate(await ask(), { documentMaxBytes: 1_000_000 });
  expect(failed).toMatchObject({ id: want.step, reason: want.reason, hint: expect.stringMatching(want.hint ?? /./) });
  expect(failed?.message).not.toBe("");
  expect(preview.valid).toBe(false);
  const after = failed ? steps.slice(steps.indexOf(failed) + 1) : [];
  expect(after.every(({ status }) => status === "SKIPPED")).toBe(true);
  expect(steps.filter(({ status }) => status === "FAILED")).toHaveLength(1);
  expect(JSON.stringify([steps, preview])).not.toContain(SECRET);
});

test.each(["npm", "pypi"])(
  "a registry that has none of the documents that could prove %s is taken at its word",
  async (format) => {
    const { steps, preview, failed } = await validate({
      upstreamUrl: await serve(() => ({ status: 404, body: "" })),
      format,
    });
    expect(failed).toBeUndefined();
    expect(steps.find(({ id }) => id === "index_fetch")?.message).toMatch(/nothing proves or disproves the format/);
    expect(preview).toMatchObject({ valid: true, detectedFormat: "", fileOrigins: [] });
    expect(preview.canonicalUrl).toMatch(/\/$/);
  },
);

test("a step that fails by time ends the validation", async () => {
  const silent = await bench.serve(() => undefined);
  const { failed } = await validate({ upstreamUrl: silent.url, format: "npm" }, { deadlineMs: 200 });
  expect(failed).toMatchObject({ id: "index_fetch", reason: "UPSTREAM_UNAVAILABLE" });
});

test("who leaves gets their own reason", async () => {
  const silent = await bench.serve(() => undefined);
  const controller = new AbortController();
  const ask = { format: "npm", upstreamUrl: silent.url, credential: undefined, trusted: false };
  setTimeout(() => controller.abort(new Error("left")), 50);
  await expect(Array.fromAsync(validateUpstream(deps, ask, controller.signal))).rejects.toThrow("left");
});

test("who stops listening leaves no connection behind", async () => {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(async () => server.close());
  const upstreamUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const ask = { format: "npm", upstreamUrl, credential: undefined, trusted: false };
  for await (const event of validateUpstream(deps, ask, new AbortController().signal)) {
    if (event.kind === "step" && event.id === "connect") break;
  }
  const openConnections = () =>
    new Promise((resolve) => void server.getConnections((_error, connections) => resolve(connections)));
  await expect.poll(openConnections).toBe(0);
});

test("what a proxy does is not tried directly, and the order of the steps stays", async () => {
  const proxy = { httpProxy: await closedUrl(), httpsProxy: "", noProxy: "" };
  const behind = openTestUpstream({ proxy, timeoutMs: 5_000 });
  closing.push(() => behind.close());
  const { steps, failed } = await validate({ upstreamUrl: "http://registry.invalid/" }, { upstream: behind.upstream });
  expect(failed).toMatchObject({ id: "index_fetch", reason: "UPSTREAM_UNAVAILABLE" });
  const untried = steps.filter(({ message }) => message === "a proxy of this machine does it").map(({ id }) => id);
  expect(untried).toEqual(["dns", "connect", "tls"]);
});

test.each([
  { host: "127.0.0.1", port: "open" },
  { host: "127.0.0.1", port: "closed" },
  { host: "169.254.169.254", port: "closed" },
  { host: "2130706433", port: "open" },
])("tells nothing of the inside: $host, $port port", async ({ host, port }) => {
  const outside = openTestUpstream({ timeoutMs: 5_000 });
  closing.push(() => outside.close());
  const canary = await outside.serve(() => undefined);
  const number = port === "open" ? canary.port : new URL(await closedUrl()).port;
  const upstreamUrl = `http://${host}:${number}/`;
  const { failed } = await validate({ upstreamUrl }, { upstream: outside.upstream });
  const shown = new URL(upstreamUrl).hostname;
  expect(failed).toMatchObject({
    id: "dns",
    reason: "UPSTREAM_FORBIDDEN",
    message: `${shown} is no public address: an operator may allow it (LARDER_UPSTREAM_ALLOW)`,
  });
  expect(canary.connections()).toBe(0);
});

test.each([
  { format: "npm", url: () => fixtures.npm.upstream.url, path: "/", origins: () => [] },
  { format: "pypi", url: () => fixtures.pypi.upstream.url, path: "/simple/", origins: () => [fixtures.pypi.files.url] },
  { format: "helm", url: () => fixtures.helm.upstream.url, path: "/", origins: () => [fixtures.helm.files.url] },
  { format: "raw", url: () => `${fixtures.raw.upstream.url}/docs`, path: "/", origins: () => [] },
])("recognises $format, and previews it", async ({ format, url, path, origins }) => {
  const asked = await validate({ upstreamUrl: url(), format });
  const detected = await validate({ upstreamUrl: url() });
  expect(asked.steps.filter(({ status }) => status !== "PASSED").map(({ id }) => id)).toEqual(["tls"]);
  expect(detected.preview).toEqual(asked.preview);
  expect(asked.preview).toMatchObject({ valid: true, detectedFormat: format, fileOrigins: origins() });
  expect(asked.preview.canonicalUrl).toBe(url() + path);
});

test("counts the index of everything, in a thread of its own when it is large", async () => {
  const { entries } = fixtures.helm.site;
  const names = new Set(entries.map(({ chart }) => chart.name));
  const small = await validate({ upstreamUrl: fixtures.helm.upstream.url });
  // One of the fixture's versions is no semantic version.
  const versionCount = entries.length - 1;
  expect(small.preview).toMatchObject({ packageCount: names.size, versionCount });
  fixtures.helm.site.addLarge(50, 60);
  const large = await validate({ upstreamUrl: fixtures.helm.upstream.url });
  expect(large.preview).toMatchObject({ packageCount: names.size + 50, versionCount: versionCount + 3_000 });
  expect(large.preview.indexBytes).toBeGreaterThan(256 * 1024);
});

test("a probe of one package counts its versions and no packages", async () => {
  const { preview } = await validate({ upstreamUrl: fixtures.npm.upstream.url, format: "npm" });
  expect(preview.packageCount).toBe(0);
  expect(preview.indexBytes).toBeGreaterThan(0);
});

test("the right credential is taken, and a message never repeats one", async () => {
  const url = await privateNpm();
  const { preview, steps } = await validate({ upstreamUrl: url, format: "npm", credential: BASIC });
  expect(preview.valid).toBe(true);
  expect(JSON.stringify(steps)).not.toContain(SECRET);
});

test.each([
  { name: "index.yaml cut off", format: "helm", given: (url: string) => `${url}/index.yaml`, want: "/" },
  { name: "trailing slash added", format: "raw", given: (url: string) => `${url}/docs`, want: "/docs/" },
  { name: "query dropped", format: "npm", given: (url: string) => `${url}/?token=${SECRET}#x`, want: "/" },
  { name: "root of a Python index", format: "pypi", given: (url: string) => url, want: "/simple/" },
])("canonical URL: $name", async ({ format, given, want }) => {
  const { url } = fixtures[format as keyof Omit<Fixtures, "stop">].upstream;
  const { preview } = await validate({ upstreamUrl: given(url), format });
  expect(preview).toMatchObject({ valid: true, canonicalUrl: url + want });
});

test("a redirected base is followed to where it leads, but not with a credential or the operator's trust", async () => {
  const target = fixtures.npm.upstream.url;
  const { url, stop } = await startFixtureUpstream({ site: { answer: ({ path }) => redirectAnswer(target + path) } });
  closing.push(stop);
  const canonical = async (ask: Partial<UpstreamAsk>) =>
    (await validate({ upstreamUrl: url, format: "npm", ...ask })).preview.canonicalUrl;
  expect(await canonical({})).toBe(`${target}/`);
  expect(await canonical({ credential: BASIC })).toBe(`${url}/`);
  expect(await canonical({ trusted: true })).toBe(`${url}/`);
});
