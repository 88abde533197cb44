import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Reason } from "#internal/fault/fault.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { Behaviour } from "../../test/fixtures/behaviour.ts";
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
  const { npm, pypi, helm, raw } = fixtures;
  for (const { upstream } of [npm, pypi, helm, raw]) {
    await upstream.behave("normal");
    upstream.clearRequests();
  }
});

const DAY_MS = 86_400_000;

interface Target {
  readonly name: string;
  readonly format: "npm" | "pypi" | "helm" | "raw";
  /** Below the fixture's URL. */
  readonly base?: string;
  readonly path: string;
}

const DOCUMENTS: Target[] = [
  { name: "packument", format: "npm", path: "larder-left" },
  { name: "npm search", format: "npm", path: "-/v1/search" },
  { name: "npm keys", format: "npm", path: "-/npm/v1/keys" },
  { name: "simple page", format: "pypi", base: "/simple", path: "simple/larder-fixture-core/" },
  { name: "project list", format: "pypi", base: "/simple", path: "simple/" },
  { name: "PyPI JSON API", format: "pypi", base: "/simple", path: "pypi/larder-fixture-core/json" },
  { name: "Helm index", format: "helm", path: "index.yaml" },
];
const RAW: Target = { name: "raw file", format: "raw", path: "files/20k.bin" };

/** What the upstream does, and the reason that is told when nothing is kept. */
const OUTAGES: { outage: string; behaviour: Behaviour; want: Reason; accepted?: "raw" }[] = [
  { outage: "stopped", behaviour: "stopped", want: "UPSTREAM_UNAVAILABLE" },
  { outage: "hang", behaviour: "hang", want: "UPSTREAM_UNAVAILABLE" },
  { outage: "reset", behaviour: "reset", want: "UPSTREAM_UNAVAILABLE" },
  { outage: "500", behaviour: { mode: "status", code: 500 }, want: "UPSTREAM_UNAVAILABLE" },
  { outage: "503", behaviour: { mode: "status", code: 503 }, want: "UPSTREAM_UNAVAILABLE" },
  { outage: "429", behaviour: { mode: "status", code: 429 }, want: "UPSTREAM_RATE_LIMITED" },
  { outage: "401", behaviour: { mode: "status", code: 401 }, want: "UPSTREAM_REFUSED" },
  { outage: "403", behaviour: { mode: "status", code: 403 }, want: "UPSTREAM_REFUSED" },
  { outage: "204", behaviour: { mode: "status", code: 204 }, want: "UPSTREAM_INVALID" },
  { outage: "418", behaviour: { mode: "status", code: 418 }, want: "UPSTREAM_INVALID" },
  { outage: "truncated", behaviour: { mode: "truncate", afterBytes: 20 }, want: "UPSTREAM_UNAVAILABLE" },
  { outage: "stalled", behaviour: { mode: "stall", afterBytes: 20 }, want: "UPSTREAM_UNAVAILABLE" },
  { outage: "unterminated", behaviour: "unterminated", want: "UPSTREAM_UNAVAILABLE" },
  {
    outage: "redirect loop",
    behaviour: { mode: "status", code: 302, headers: { location: "?" } },
    want: "UPSTREAM_INVALID",
  },
  {
    outage: "redirect to a private address",
    behaviour: { mode: "status", code: 302, headers: { location: "http://10.255.255.1/" } },
    want: "UPSTREAM_FORBIDDEN",
  },
  {
    outage: "unknown coding",
    behaviour: { mode: "status", code: 200, headers: { "content-encoding": "rot13" } },
    want: "UPSTREAM_INVALID",
  },
  {
    outage: "broken coding",
    behaviour: { mode: "status", code: 200, headers: { "content-encoding": "gzip" } },
    want: "UPSTREAM_INVALID",
  },
  { outage: "html", behaviour: "html", want: "UPSTREAM_INVALID", accepted: "raw" },
  { outage: "empty", behaviour: "empty", want: "UPSTREAM_INVALID", accepted: "raw" },
  { outage: "short", behaviour: "short", want: "UPSTREAM_INVALID", accepted: "raw" },
];

// A simple index is HTML: a login page in its place is one without files, which the next refresh puts right.
const NOT_TOLD = (name: string, outage: string) => name === "project list" && outage === "html";

const CASES = [...DOCUMENTS, RAW].flatMap((target) =>
  OUTAGES.filter(({ accepted, outage }) => accepted !== target.format && !NOT_TOLD(target.name, outage)).map(
    (outage) => ({ ...target, ...outage }),
  ),
);

/** A 304 has no body that could break. */
async function forgetValidators(): Promise<void> {
  for (const { key } of larder.cache.list("", undefined, 9)) {
    await larder.cache.update(key, (entry) => ({ ...entry, upstreamEtag: undefined, upstreamLastModified: undefined }));
  }
}

function repositoryOf({ format, base = "" }: Target, changes: Partial<Repository> = {}): Repository {
  return testRepository(format, fixtures[format].upstream.url + base, changes);
}

test.each(CASES)(
  "$name, $outage: nothing kept is $want, and nothing is stored",
  async ({ behaviour, want, ...target }) => {
    await fixtures[target.format].upstream.behave(behaviour);
    await expect(larder.get(repositoryOf(target), target.path)).rejects.toMatchObject({ reason: want });
    expect(larder.cache.stats().entries).toBe(0);
    expect(await larder.temporaryFiles()).toEqual([]);
  },
);

test.each(CASES)("$name, $outage: what is kept is sent", async ({ behaviour, want, ...target }) => {
  const repository = repositoryOf(target);
  const before = await larder.get(repository, target.path);
  larder.advance(DAY_MS);
  await forgetValidators();
  await fixtures[target.format].upstream.behave(behaviour);
  const after = await larder.get(repository, target.path);
  expect([after.verdict, after.detail]).toEqual(["STALE", want]);
  expect(after.bytes.equals(before.bytes)).toBe(true);
  expect(await larder.temporaryFiles()).toEqual([]);
});

describe("an outage costs one time-out", () => {
  const target = DOCUMENTS[0] as Target;

  test("a hundred requests for a document that is kept are one request to an upstream that hangs", async () => {
    const repository = repositoryOf(target);
    const { upstream } = fixtures.npm;
    const before = await larder.get(repository, "larder-left");
    await larder.get(repository, "larder-greet");
    larder.advance(TTL_MS);
    await upstream.behave("hang");
    upstream.clearRequests();
    const answers = [];
    for (let round = 0; round < 10; round++) {
      const paths = Array.from({ length: 10 }, () => larder.get(repository, "larder-left"));
      answers.push(...(await Promise.all(paths)), await larder.get(repository, "larder-greet"));
    }
    expect(new Set(answers.map(({ verdict }) => verdict))).toEqual(new Set(["STALE"]));
    expect(answers[0]?.text).toBe(before.text);
    expect(upstream.requestCount()).toBe(1);
  });

  test("nobody who can be answered waits for the probe", async () => {
    const repository = repositoryOf(target);
    const { upstream } = fixtures.npm;
    await larder.get(repository, "larder-left");
    larder.advance(TTL_MS);
    await upstream.behave("hang");
    await larder.get(repository, "larder-left");
    larder.advance(60_000);
    expect((await larder.get(repository, "larder-left")).verdict).toBe("STALE");
    // The probe is under way, and hangs.
    await vi.waitFor(() => expect(larder.upstream.status()[0]?.breaker).toBe("half-open"));
    expect((await larder.get(repository, "larder-left")).verdict).toBe("STALE");
    await vi.waitFor(() => expect(larder.upstream.status()[0]?.breaker).toBe("open"));
  });

  test("the probe that succeeds brings the document up to date", async () => {
    const repository = repositoryOf(target);
    const { upstream } = fixtures.npm;
    await larder.get(repository, "larder-left");
    larder.advance(TTL_MS);
    await upstream.behave("stopped");
    await larder.get(repository, "larder-left");
    await upstream.behave("normal");
    larder.advance(60_000);
    expect((await larder.get(repository, "larder-left")).verdict).toBe("STALE");
    await vi.waitFor(async () => expect((await larder.get(repository, "larder-left")).verdict).toBe("HIT"));
  });

  test("an open breaker refuses what is not kept with the time to come back, and never calls it absent", async () => {
    const repository = repositoryOf(target);
    await fixtures.npm.upstream.behave("stopped");
    await expect(larder.get(repository, "larder-left")).rejects.toMatchObject({ reason: "UPSTREAM_UNAVAILABLE" });
    await expect(larder.get(repository, "larder-greet")).rejects.toMatchObject({
      reason: "UPSTREAM_UNAVAILABLE",
      facts: { cause: "breaker", retryAfterSeconds: expect.stringMatching(/^\d+$/) },
    });
  });

  test("a raw file that is kept waits for nobody either", async () => {
    const repository = repositoryOf(RAW);
    const { upstream } = fixtures.raw;
    await larder.get(repository, RAW.path);
    larder.advance(TTL_MS);
    await upstream.behave("hang");
    upstream.clearRequests();
    for (let round = 0; round < 20; round++) {
      expect((await larder.get(repository, RAW.path)).verdict).toBe("STALE");
    }
    expect(upstream.requestCount()).toBe(1);
  });
});

describe("patience", () => {
  const target = DOCUMENTS[0] as Target;

  async function impatientLarder(): Promise<void> {
    await larder.close();
    larder = await openTestMirror({ patienceMs: 0 });
  }

  test.each([target, RAW])("$name: what expired lately is sent while the upstream is asked, once", async (kept) => {
    await impatientLarder();
    const repository = repositoryOf(kept);
    const { upstream } = fixtures[kept.format];
    await larder.get(repository, kept.path);
    larder.advance(TTL_MS);
    await upstream.behave("hang");
    upstream.clearRequests();
    const answers = await Promise.all(Array.from({ length: 20 }, () => larder.get(repository, kept.path)));
    const told = answers.map(({ verdict, detail }) => `${verdict} ${detail}`);
    expect(new Set(told)).toEqual(new Set(["STALE revalidating"]));
    // Nobody has waited for the time-out that tells that the upstream is in trouble.
    expect(larder.upstream.status().some(({ breaker }) => breaker !== "closed")).toBe(false);
    await vi.waitFor(() => expect(upstream.requestCount()).toBe(1));
  });

  test.each([target, RAW])("$name: what the upstream says meanwhile is kept for the next one", async (kept) => {
    await impatientLarder();
    const repository = repositoryOf(kept);
    await larder.get(repository, kept.path);
    larder.advance(TTL_MS);
    expect((await larder.get(repository, kept.path)).verdict).toBe("STALE");
    await vi.waitFor(async () => expect((await larder.get(repository, kept.path)).verdict).toBe("HIT"));
  });

  test.each([
    { what: "expired long ago", metadataTtlMs: TTL_MS, waitMs: TTL_MS + 3_600_000 },
    { what: "is never fresh for long", metadataTtlMs: 999, waitMs: 999 },
  ])("what $what is not sent before the upstream has had its time", async ({ metadataTtlMs, waitMs }) => {
    await impatientLarder();
    const repository = repositoryOf(target, { metadataTtlMs });
    await larder.get(repository, target.path);
    larder.advance(waitMs);
    expect((await larder.get(repository, target.path)).verdict).toBe("REVALIDATED");
  });
});

describe("OFFLINE", () => {
  test.each([...DOCUMENTS, RAW])(
    "$name: what is kept is sent, what is not says so, and nothing goes out",
    async (target) => {
      const online = repositoryOf(target);
      const offline = repositoryOf(target, { upstreamMode: "OFFLINE" });
      await expect(larder.get(offline, target.path)).rejects.toMatchObject({ reason: "UPSTREAM_OFFLINE" });
      expect(fixtures[target.format].upstream.requestCount()).toBe(0);
      const before = await larder.get(online, target.path);
      fixtures[target.format].upstream.clearRequests();
      larder.advance(DAY_MS);
      const after = await larder.get(offline, target.path);
      expect([after.verdict, after.detail, after.bytes.equals(before.bytes)]).toEqual([
        "STALE",
        "UPSTREAM_OFFLINE",
        true,
      ]);
      expect(fixtures[target.format].upstream.requestCount()).toBe(0);
    },
  );

  test("a file that was never fetched", async () => {
    const offline = repositoryOf(DOCUMENTS[0] as Target, { upstreamMode: "OFFLINE" });
    const tarball = "larder-left/-/larder-left-1.0.0.tgz";
    await expect(larder.get(offline, tarball)).rejects.toMatchObject({ reason: "UPSTREAM_OFFLINE" });
    await larder.get({ ...offline, upstreamMode: "ONLINE" }, "larder-left");
    await expect(larder.get(offline, tarball)).rejects.toMatchObject({ reason: "UPSTREAM_OFFLINE" });
    expect(fixtures.npm.upstream.requestCount()).toBe(1);
  });
});
