import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type FixtureUpstream, startFixtureUpstream } from "../../test/fixtures/fixture-upstream.ts";
import { createNpmSite, type NpmSite } from "../../test/fixtures/npm-site.ts";
import { createPypiSite } from "../../test/fixtures/pypi-site.ts";
import { createRawSite } from "../../test/fixtures/raw-site.ts";
import { startHelmFixture, startPypiFixture } from "../../test/fixtures/start-fixtures.ts";
import { openTestMirror, type TestMirror, TTL_MS, testRepository } from "./test-mirror.ts";

const TARBALL = "larder-left/-/larder-left-1.0.0.tgz";

let larder: TestMirror;
beforeEach(async () => {
  larder = await openTestMirror();
});
afterEach(() => larder.close());

describe("an address in a document is data", () => {
  let site: NpmSite;
  let upstream: FixtureUpstream;
  let elsewhere: FixtureUpstream;
  beforeEach(async () => {
    site = createNpmSite();
    elsewhere = await startFixtureUpstream({ site });
    const liar = {
      answer: (request: Parameters<NpmSite["answer"]>[0]) => site.answer({ ...request, baseUrl: elsewhere.url }),
    };
    upstream = await startFixtureUpstream({ site: liar });
  });
  afterEach(async () => {
    await Promise.all([upstream.stop(), elsewhere.stop()]);
  });

  test("another origin is not asked for the file", async () => {
    const repository = testRepository("npm", upstream.url);
    await expect(larder.get(repository, TARBALL)).rejects.toMatchObject({
      reason: "UPSTREAM_FORBIDDEN",
      facts: { origin: elsewhere.url },
    });
    expect(elsewhere.requestCount()).toBe(0);
  });

  test("unless the repository allows it; its credential does not go there", async () => {
    const repository = testRepository("npm", upstream.url, { fileOrigins: [elsewhere.url] });
    larder.setCredential({ kind: "bearer", token: "canary" });
    expect((await larder.get(repository, TARBALL)).status).toBe(200);
    expect(upstream.requests.map(({ headers }) => headers.authorization)).toEqual(["Bearer canary"]);
    expect(elsewhere.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test("a document that was redirected may name its own origin, also when it has left the cache since", async () => {
    const mirror = {
      answer: () => ({
        status: 302,
        headers: { location: `${elsewhere.url}/larder-left` },
        body: Buffer.alloc(0),
        compressible: false,
      }),
    };
    const front = await startFixtureUpstream({ site: mirror });
    const repository = testRepository("npm", front.url);
    await larder.get(repository, "larder-left");
    for (const { key } of larder.cache.list("", undefined, 9)) await larder.cache.remove(key);
    expect((await larder.get(repository, TARBALL)).status).toBe(200);
    await front.stop();
  });
});

test("the credential goes to the upstream's origin, by whatever redirect", async () => {
  const site = createRawSite();
  const other = await startFixtureUpstream({ site: createRawSite() });
  const upstream = await startFixtureUpstream({ site, authorization: "Basic dXNlcjpwYXNz" });
  site.elsewhereUrl = other.url;
  larder.setCredential({ kind: "basic", username: "user", password: "pass" });
  const repository = testRepository("raw", upstream.url);
  expect((await larder.get(repository, "redirect/elsewhere")).status).toBe(200);
  expect((await larder.get(repository, "redirect/twice")).status).toBe(200);
  expect(new Set(upstream.requests.map(({ headers }) => headers.authorization))).toEqual(
    new Set(["Basic dXNlcjpwYXNz"]),
  );
  expect(other.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  await Promise.all([upstream.stop(), other.stop()]);
});

test("nothing of a client goes upstream", async () => {
  const upstream = await startFixtureUpstream({ site: createNpmSite() });
  const repository = testRepository("npm", upstream.url);
  const headers = {
    ...{ cookie: "canary=1", authorization: "Bearer canary", "user-agent": "canary/1.0", referer: "canary" },
    ...{ "x-forwarded-for": "192.0.2.7", forwarded: "for=canary", via: "canary", host: "canary.example" },
    ...{ "npm-session": "canary", "x-canary": "1", range: "bytes=0-1", "if-none-match": '"canary"' },
  };
  await larder.get(repository, "larder-left", { headers });
  await larder.get(repository, TARBALL, { headers });
  await larder.get(repository, "-/npm/v1/security/audits/quick", { headers, body: "{}" });
  const sent = upstream.requests.flatMap(({ rawHeaders }) => rawHeaders).join("\n");
  expect(sent).not.toMatch(/canary|192\.0\.2\.7/);
  expect(new Set(upstream.requests.map((request) => request.headers["user-agent"]))).toEqual(new Set(["larder/1.2.3"]));
  await upstream.stop();
});

describe("PyPI", () => {
  test("page in three forms from one fetch, file and metadata from the other host, with the upstream gone again", async () => {
    const { upstream, files, site, stop } = await startPypiFixture();
    const repository = testRepository("pypi", `${upstream.url}/simple`, { fileOrigins: [files.url] });
    const page = (accept: string) => larder.get(repository, "simple/larder-fixture-core/", { headers: { accept } });
    const json = JSON.parse((await page("application/vnd.pypi.simple.v1+json")).text);
    expect((await page("text/html")).contentType).toMatch(/^text\/html/);
    expect((await page("application/vnd.pypi.simple.v1+html")).verdict).toBe("HIT");
    expect(upstream.requestCount()).toBe(1);

    const [wheel] = site.projects.get("larder-fixture-core")?.files ?? [];
    const path = `files/larder-fixture-core/${wheel?.filename}`;
    expect(json.files[0]).toMatchObject({
      url: `../../${path}`,
      hashes: { sha256: wheel?.sha256 },
    });
    expect((await larder.get(repository, path)).bytes).toEqual(wheel?.content);
    expect((await larder.get(repository, `${path}.metadata`)).bytes).toEqual(wheel?.metadata);
    await stop();
    larder.advance(TTL_MS);
    expect((await page("text/html")).verdict).toBe("STALE");
    expect((await larder.get(repository, path)).verdict).toBe("HIT");
  });

  test("relative links of an HTML index, and its announced digests", async () => {
    const site = Object.assign(createPypiSite(), { htmlOnly: true });
    const upstream = await startFixtureUpstream({ site });
    const repository = testRepository("pypi", `${upstream.url}/simple`);
    const [wheel] = site.projects.get("larder-fixture-core")?.files ?? [];
    const path = `files/larder-fixture-core/${wheel?.filename}`;
    expect((await larder.get(repository, path)).bytes).toEqual(wheel?.content);
    await larder.cache.remove(`${repository.uid}/file/${path}`);
    await upstream.behave("wrongBytes");
    await expect(larder.get(repository, path)).rejects.toMatchObject({ reason: "DIGEST_MISMATCH" });
    await upstream.stop();
  });
});

describe("Helm", () => {
  const CHART = "charts/larder-web/1.1.0/larder-web-1.1.0.tgz";

  test("index, chart, provenance, and charts of another host where that is allowed", async () => {
    const { upstream, files, site, stop } = await startHelmFixture();
    const repository = testRepository("helm", upstream.url, { fileOrigins: [files.url] });
    const index = JSON.parse((await larder.get(repository, "index.yaml")).text);
    const archiveOf = (name: string, version: string) =>
      site.entries.find(({ chart }) => chart.name === name && chart.version === version)?.archive;
    expect(Object.keys(index.entries)).toContain("larder-web");
    expect((await larder.get(repository, CHART)).bytes).toEqual(archiveOf("larder-web", "1.1.0"));
    const provenance = await larder.get(repository, "charts/larder-web/1.0.0/larder-web-1.0.0.tgz.prov");
    expect(provenance.text).toContain("PGP");
    const elsewhere = index.entries["larder-elsewhere"].find(({ version }: { version: string }) => version === "1.0.0");
    const bytes = (await larder.get(repository, elsewhere.urls[0])).bytes;
    expect(bytes).toEqual(archiveOf("larder-elsewhere", elsewhere.version));
    expect(files.requestCount()).toBeGreaterThan(0);
    await stop();
  });

  test("an index whose digest is wrong hands out nothing", async () => {
    const { upstream, site, stop } = await startHelmFixture();
    const repository = testRepository("helm", upstream.url);
    site.falsifyDigest("larder-web", "1.1.0");
    await expect(larder.get(repository, CHART)).rejects.toMatchObject({ reason: "DIGEST_MISMATCH" });
    expect(larder.events).toHaveLength(1);
    await stop();
  });

  test("relative links of a redirected index hang on the address that was asked", async () => {
    const { upstream, site, files, stop } = await startHelmFixture();
    const front = await startFixtureUpstream({
      site: {
        answer: (request) =>
          request.path === "/index.yaml"
            ? {
                status: 302,
                headers: { location: `${upstream.url}/index.yaml` },
                body: Buffer.alloc(0),
                compressible: false,
              }
            : site.answer(request),
      },
    });
    const repository = testRepository("helm", front.url, { fileOrigins: [files.url] });
    expect((await larder.get(repository, CHART)).status).toBe(200);
    expect(front.requestCount("/charts/")).toBe(1);
    await Promise.all([front.stop(), stop()]);
  });
});
