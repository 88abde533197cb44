import { rm } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Repository } from "#internal/repository/repository.ts";
import type { FixtureUpstream } from "../../test/fixtures/fixture-upstream.ts";
import { type Fixtures, startFixtures } from "../../test/fixtures/start-fixtures.ts";
import { openTestMirror, type TestMirror, TTL_MS, testRepository } from "./test-mirror.ts";

let fixtures: Fixtures;
let larder: TestMirror;
beforeAll(async () => {
  fixtures = await startFixtures();
});
afterAll(() => fixtures.stop());
beforeEach(async () => {
  larder = await openTestMirror();
});
afterEach(async () => {
  await larder.close();
  await fixtures.npm.upstream.behave("normal");
  await fixtures.pypi.upstream.behave("normal");
});

/** The document as the upstream sends it now. */
async function documentOf({ url }: FixtureUpstream, path: string, accept: string): Promise<Response> {
  return fetch(url + path, { headers: { accept, "accept-encoding": "identity" } });
}

/** From now on the upstream sends this answer, whatever it publishes. */
async function freeze(upstream: FixtureUpstream, path: string, answer: Response): Promise<void> {
  const headers = { "content-type": answer.headers.get("content-type") ?? "" };
  upstream.behaveFor(path, { mode: "status", code: 200, headers, body: await answer.text() });
}

const JSON_PAGE = "application/vnd.pypi.simple.v1+json";

const ROLLED_BACK = [
  { format: "npm", base: "", path: "turned", upstreamPath: "/turned", accept: "application/json" },
  { format: "pypi", base: "/simple", path: "simple/turned/", upstreamPath: "/simple/turned/", accept: JSON_PAGE },
  { format: "pypi", base: "/simple", path: "simple/turned/", upstreamPath: "/simple/turned/", accept: "text/html" },
] as const;

function publish(format: "npm" | "pypi", name: string, version: string): void {
  if (format === "npm") fixtures.npm.site.publish(name, version);
  else fixtures.pypi.site.publish({ name, version });
}

function unpublish(format: "npm" | "pypi", name: string, version: string): void {
  if (format === "npm") fixtures.npm.site.unpublish(name, version);
  else fixtures.pypi.site.remove(name, version);
}

test.each(ROLLED_BACK)(
  "$format, $accept: an older document does not replace a newer one, and is told of once",
  async ({ format, base, path, upstreamPath, accept }) => {
    const { upstream } = fixtures[format];
    const repository = testRepository(format, upstream.url + base);
    const get = () => larder.get(repository, path, { headers: { accept } });
    publish(format, "turned", "1.0.0");
    const old = await documentOf(upstream, upstreamPath, accept);
    publish(format, "turned", "1.1.0");
    const before = await get();

    await freeze(upstream, upstreamPath, old);
    for (let time = 0; time < 3; time++) {
      larder.advance(TTL_MS);
      const after = await get();
      expect([after.verdict, after.detail, after.text]).toEqual(["STALE", "UPSTREAM_INVALID", before.text]);
    }
    expect(larder.events).toMatchObject([{ type: "DOCUMENT_REFUSED", facts: { suspicion: "rolled back" } }]);
    expect(await larder.temporaryFiles()).toEqual([]);

    await upstream.behave("normal");
    publish(format, "turned", "1.2.0");
    expect((await get()).text).toContain("turned-1.2.0");
  },
);

async function tenReleases(format: "npm" | "pypi", name: string): Promise<{ repository: Repository; path: string }> {
  for (let minor = 0; minor < 10; minor++) publish(format, name, `1.${minor}.0`);
  const isNpm = format === "npm";
  const repository = testRepository(format, fixtures[format].upstream.url + (isNpm ? "" : "/simple"));
  return { repository, path: isNpm ? name : `simple/${name}/` };
}

test.each(["npm", "pypi"] as const)("%s: most of its releases gone is a part of the document", async (format) => {
  const { repository, path } = await tenReleases(format, "lossy");
  const before = await larder.get(repository, path);
  for (let minor = 1; minor < 10; minor++) unpublish(format, "lossy", `1.${minor}.0`);
  larder.advance(TTL_MS);
  const after = await larder.get(repository, path);
  expect([after.verdict, after.text]).toEqual(["STALE", before.text]);
  expect(larder.events).toMatchObject([
    { type: "DOCUMENT_REFUSED", facts: { suspicion: "shrunk", keptReleases: "10", sentReleases: "1" } },
  ]);

  // An operator who knows that it is right purges the old one.
  for (const { key } of larder.cache.list("", undefined, 9)) await larder.cache.remove(key);
  expect((await larder.get(repository, path)).text).not.toContain("lossy-1.5.0");
});

test("a package that was taken down on purpose is taken down here", async () => {
  const { repository, path } = await tenReleases("npm", "hostile");
  await larder.get(repository, path);
  for (let minor = 0; minor < 10; minor++) fixtures.npm.site.unpublish("hostile", `1.${minor}.0`);
  fixtures.npm.site.publish("hostile", "0.0.1-security");
  larder.advance(TTL_MS);
  expect(Object.keys(JSON.parse((await larder.get(repository, path)).text).versions)).toEqual(["0.0.1-security"]);
  expect(larder.events).toEqual([]);
});

test("a project that is in quarantine is in quarantine here", async () => {
  const { repository, path } = await tenReleases("pypi", "sick");
  await larder.get(repository, path);
  fixtures.pypi.site.setStatus("sick", "quarantined");
  larder.advance(TTL_MS);
  const { text } = await larder.get(repository, path, { headers: { accept: JSON_PAGE } });
  expect(JSON.parse(text).files).toEqual([]);
  expect(larder.events).toEqual([]);
});

test("a chart index that stops before its end does not replace a whole one", async () => {
  const { upstream, site } = fixtures.helm;
  const repository = testRepository("helm", upstream.url);
  const before = await larder.get(repository, "index.yaml");
  site.add({ name: "late", version: "1.0.0" });
  const answer = await documentOf(upstream, "/index.yaml", "*/*");
  const text = await answer.text();
  const headers = { "content-type": "text/yaml" };
  const body = text.slice(0, text.lastIndexOf("\n  - "));
  upstream.behaveFor("/index.yaml", { mode: "status", code: 200, headers, body });
  larder.advance(TTL_MS);
  const after = await larder.get(repository, "index.yaml");
  expect([after.verdict, after.text]).toEqual(["STALE", before.text]);
  expect(larder.events).toMatchObject([{ type: "DOCUMENT_REFUSED", facts: { suspicion: "cut short" } }]);
  await upstream.behave("normal");
  expect((await larder.get(repository, "index.yaml")).text).toContain("late-1.0.0.tgz");
});

test("a damaged original is nothing to compare with", async () => {
  const { repository, path } = await tenReleases("npm", "rotten");
  await larder.get(repository, path);
  const blob = larder.cache.list("", undefined, 9).find(({ key }) => key.endsWith("/rotten"))?.blob;
  await rm(larder.cache.blobPath(blob?.digest ?? ""));
  for (let minor = 1; minor < 10; minor++) fixtures.npm.site.unpublish("rotten", `1.${minor}.0`);
  larder.advance(TTL_MS);
  expect((await larder.get(repository, path)).verdict).toBe("MISS");
});
