import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { errorsOf, type RunningLarder, repositoryUrl } from "../clients/larder.ts";
import { startLarder } from "../clients/larder-process.ts";
import type { PathBehaviour } from "../fixtures/behaviour.ts";
import type { NpmSite } from "../fixtures/npm-site.ts";
import { type Fixture, startNpmFixture } from "../fixtures/start-fixtures.ts";
import { metricOf } from "./aftermath.ts";
import { type Answer, ask } from "./ask.ts";
import { inLanes } from "./in-lanes.ts";
import { seededRandom, seedOfRun } from "./seeded-random.ts";

const seed = seedOfRun();
/** A breaker lets a probe through now and then. */
const FEW = 6;
const KEPT = ["larder-left", "larder-greet", "larder-build", "larder-peer", "larder-app"];
const UNKNOWN = Array.from({ length: 25 }, (_, index) => `never-seen-${index}`);

describe(`an upstream that is gone for a while (LARDER_FAULT_SEED=${seed})`, () => {
  let sick: Fixture<NpmSite>;
  let sound: Fixture<NpmSite>;
  let held: Fixture<NpmSite>[];
  let larder: RunningLarder;
  const get = (id: string, path: string) => ask(`${repositoryUrl(larder, id)}${path}`);
  const getAll = (id: string, paths: readonly string[]) => Promise.all(paths.map((path) => get(id, path)));
  const breaker = (pathClass: string) => {
    const { origin } = new URL(sick.upstream.url);
    return metricOf(larder, `larder_upstream_breaker{origin="${origin}",path_class="${pathClass}"}`);
  };

  beforeAll(async () => {
    [sick, sound, ...held] = await Promise.all([
      startNpmFixture(),
      startNpmFixture(),
      startNpmFixture(),
      startNpmFixture(),
    ]);
    const repository = (id: string, { upstream }: Fixture<NpmSite>) => {
      return { id, format: "npm", upstreamUrl: `${upstream.url}/`, metadataTtl: "1ms" };
    };
    larder = await startLarder({
      repositories: [
        repository("sick", sick),
        repository("sound", sound),
        ...held.map((fixture, index) => repository(`held-${index}`, fixture)),
      ],
      environment: { LARDER_UPSTREAM_TIMEOUT: "1s" },
    });
  });
  afterEach(async () => {
    await sick.upstream.behave("normal");
    await vi.waitFor(async () => expect(await breaker("document")).toBe(0), { timeout: 40_000, interval: 100 });
    sick.upstream.clearRequests();
    sound.upstream.clearRequests();
  });
  afterAll(async () => {
    await larder?.stop();
    await Promise.all([sick, sound, ...(held ?? [])].map((fixture) => fixture?.stop()));
  });

  const OUTAGES: readonly PathBehaviour[] = ["hang", "reset", { mode: "status", code: 503 }];

  test.each(OUTAGES)("%j: hundreds of requests are a few to the upstream, and none is a 404", async (behaviour) => {
    for (const { status } of await getAll("sick", KEPT)) expect(status).toBe(200);
    sick.upstream.clearRequests();
    sick.upstream.behaveFor("/", behaviour);
    // Failures that are answers have to be several before they are an outage.
    for (let time = 0; time < 3; time++) await get("sick", `first-${time}`);
    const asked = sick.upstream.requestCount();

    const stale = await Promise.all(Array.from({ length: 20 }, () => getAll("sick", KEPT)));
    for (const answer of stale.flat()) expect(told(answer)).toEqual([200, "STALE"]);
    for (const answer of await getAll("sick", UNKNOWN)) {
      expect(answer.status).toBeGreaterThanOrEqual(502);
      expect(Number(answer.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    }
    expect(sick.upstream.requestCount() - asked).toBeLessThanOrEqual(FEW);
  });

  test("that it is back is noticed before anybody asks, and the next answer is a new one", async () => {
    await getAll("sick", KEPT);
    await sick.upstream.behave("hang");
    await get("sick", "larder-left");
    expect(await breaker("document")).toBeGreaterThan(0);
    sick.site.publish("larder-left", "3.0.0");
    await sick.upstream.behave("normal");
    await vi.waitFor(async () => expect(await breaker("document")).toBe(0), { timeout: 40_000, interval: 100 });
    const answer = await get("sick", "larder-left");
    expect(told(answer)).toEqual([200, "MISS"]);
    expect(answer.body.toString()).toContain("larder-left-3.0.0.tgz");
  });

  test.each([
    { index: 0, retryAfter: "20", least: 1, most: 20 },
    { index: 1, retryAfter: "31536000", least: 3_000, most: 3_600 },
  ])("429 for $retryAfter s: that host is left alone, and no other one", async ({ index, retryAfter, least, most }) => {
    const { upstream } = held[index] as Fixture<NpmSite>;
    const id = `held-${index}`;
    await get(id, "larder-left");
    upstream.behaveFor("/larder-greet", { mode: "status", code: 429, headers: { "retry-after": retryAfter } });
    await get(id, "larder-greet");
    const asked = upstream.requestCount();
    for (const answer of await getAll(id, UNKNOWN)) {
      expect(answer.status).toBe(503);
      expect(Number(answer.headers["retry-after"])).toBeGreaterThanOrEqual(least);
      expect(Number(answer.headers["retry-after"])).toBeLessThanOrEqual(most);
    }
    expect(told(await get(id, "larder-left"))).toEqual([200, "STALE"]);
    expect(upstream.requestCount()).toBe(asked);
    for (const { status } of await getAll("sound", KEPT)) expect(status).toBe(200);
  });

  test("files that fail stop no documents, and documents that fail no files", async () => {
    await get("sick", "larder-greet");
    sick.upstream.behaveFor(/\.tgz$/, "hang");
    expect((await get("sick", "larder-greet/-/larder-greet-1.0.0.tgz")).status).toBe(504);
    expect((await get("sick", "larder-greet/-/larder-greet-1.0.0.tgz")).status).toBe(503);
    expect((await get("sick", "larder-peer")).status).toBe(200);
    await sick.upstream.behave("normal");
    await vi.waitFor(async () => expect(await breaker("file")).toBe(0), { timeout: 40_000, interval: 100 });
    sick.upstream.behaveFor(/^\/[^/]+$/, "hang");
    await get("sick", "larder-left");
    expect((await get("sick", "larder-greet/-/larder-greet-1.0.0.tgz")).status).toBe(200);
  });

  test("an upstream that fails every second time is a slow one, and never a wrong one", async () => {
    const random = seededRandom(seed);
    const faults: readonly PathBehaviour[] = [
      "reset",
      "html",
      { mode: "status", code: 500 },
      { mode: "truncate", afterBytes: 50 },
    ];
    const steps = Array.from({ length: 40 }, () =>
      random() < 0.5 ? "normal" : (faults[Math.floor(random() * faults.length)] ?? "reset"),
    );
    const names = [...sick.site.packages.keys()];
    sick.upstream.behaveFor("/", { mode: "sequence", steps });
    const asked = Array.from({ length: 200 }, () => names[Math.floor(random() * names.length)] ?? "");
    const answers = await Promise.all(inLanes(4, asked, (name) => get("sick", name)));
    for (const [index, answer] of answers.entries()) {
      if (answer.status >= 500) expect(Number(answer.headers["retry-after"])).toBeGreaterThanOrEqual(1);
      else expect(JSON.parse(answer.body.toString()).name).toBe(asked[index]);
    }
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0);
  });

  test("the process has met with no bug", async () => {
    expect(await errorsOf(larder)).toEqual([]);
  });
});

function told({ status, headers, complete }: Answer): unknown[] {
  return complete ? [status, headers["x-cache"]] : ["cut"];
}
