import { expect, onTestFinished, test, vi } from "vitest";
import type { Sighting } from "#internal/repository/sighting.ts";
import type { NpmSite } from "../../test/fixtures/npm-site.ts";
import { type Fixture, startNpmFixture } from "../../test/fixtures/start-fixtures.ts";
import { createLedger, type LedgerStore } from "./ledger.ts";
import { ledgerInMemory, openTestMirror, type TestMirror, testRepository } from "./test-mirror.ts";

const TARBALL = "larder-left/-/larder-left-1.0.0.tgz";

function sighting(path: string, digest = "aa"): Sighting {
  return { repositoryUid: "r", path, digest, sizeBytes: 1, packageName: "", version: "", seenTime: new Date(0) };
}

/** A store that can be away (refuses) or silent (never answers), and counts. */
function moodyStore() {
  const store = ledgerInMemory();
  const mood = { now: "fine" as "fine" | "away" | "silent", finds: 0, batches: [] as number[] };
  const humour = async (): Promise<void> => {
    if (mood.now === "away") throw new Error("away");
    if (mood.now === "silent") await new Promise(() => undefined);
  };
  const moody: LedgerStore = {
    async find(uid, path) {
      mood.finds += 1;
      await humour();
      return store.find(uid, path);
    },
    async record(sightings) {
      await humour();
      mood.batches.push(sightings.length);
      return store.record(sightings);
    },
  };
  return { store: moody, mood };
}

function openLedger(patienceMs = 20) {
  const { store, mood } = moodyStore();
  const errors: unknown[] = [];
  const ledger = createLedger({ store, patienceMs, onError: (error) => void errors.push(error) });
  onTestFinished(() => ledger.close());
  return { ledger, store, mood, errors };
}

test("what is noted is found at once, and written in batches behind", async () => {
  const { ledger, store, mood } = openLedger();
  for (let n = 0; n < 450; n++) ledger.record(sighting(`f/${n}`), () => undefined);
  expect(await ledger.find("r", "f/449")).toBe("aa");
  expect([mood.finds, mood.batches]).toEqual([0, []]);
  await ledger.close();
  expect(mood.batches).toEqual([200, 200, 50]);
  expect(await store.find("r", "f/449")).toBe("aa");
});

test("a catalogue that is away costs nothing, and gets everything when it is back", async () => {
  const { ledger, store, mood, errors } = openLedger();
  mood.now = "away";
  ledger.record(sighting("a"), () => undefined);
  await vi.waitFor(() => expect(errors.length).toBeGreaterThan(0));
  expect(await ledger.find("r", "a")).toBe("aa");
  mood.now = "fine";
  await vi.waitFor(async () => expect(await store.find("r", "a")).toBe("aa"), { timeout: 10_000 });
});

test("a silent catalogue is waited for once, not by every download", async () => {
  const { ledger, mood, errors } = openLedger();
  mood.now = "silent";
  expect(await ledger.find("r", "a")).toBeUndefined();
  expect(await ledger.find("r", "b")).toBeUndefined();
  expect([mood.finds, errors.length]).toEqual([1, 1]);
});

test("who was first is told to who comes second", async () => {
  const { ledger, store } = openLedger();
  await store.record([sighting("a", "first")]);
  const told: string[] = [];
  ledger.record(sighting("a", "second"), (digest) => void told.push(digest));
  ledger.record(sighting("b", "first"), (digest) => void told.push(digest));
  await ledger.close();
  expect(told).toEqual(["first"]);
});

async function open(store: LedgerStore): Promise<TestMirror> {
  const ledger = createLedger({ store, patienceMs: 50, onError: () => undefined });
  const larder = await openTestMirror({ ledger });
  onTestFinished(async () => {
    await ledger.close();
    await larder.close();
  });
  return larder;
}

async function startNpm(): Promise<Fixture<NpmSite>> {
  const npm = await startNpmFixture();
  onTestFinished(() => npm.stop());
  return npm;
}

test("the same version keeps the same bytes although the whole cache was deleted", async () => {
  const npm = await startNpm();
  const { store } = moodyStore();
  const repository = testRepository("npm", npm.upstream.url);
  const before = await open(store);
  await before.get(repository, TARBALL);
  await vi.waitFor(async () => expect(await store.find(repository.uid, TARBALL)).toMatch(/^[0-9a-f]{64}$/));

  npm.site.publish("larder-left", "1.0.0", { manifest: { description: "other bytes" } });
  const after = await open(store);
  await expect(after.get(repository, TARBALL)).rejects.toMatchObject({ reason: "DIGEST_MISMATCH" });
  expect(after.events).toMatchObject([{ type: "DIGEST_MISMATCH", facts: { path: TARBALL, what: "sha256" } }]);
  expect(after.cache.find(`${repository.uid}/file/${TARBALL}`)).toBeUndefined();
});

test("a hit asks no ledger, and neither does what may change", async () => {
  const npm = await startNpm();
  const { store, mood } = moodyStore();
  const repository = testRepository("npm", npm.upstream.url);
  const larder = await open(store);
  await larder.get(repository, TARBALL);
  await larder.get(repository, TARBALL);
  await larder.get(repository, "larder-left");
  expect(mood.finds).toBe(1);
});

test("fetched while the catalogue was away: judged when it is back", async () => {
  const npm = await startNpm();
  const { store, mood } = moodyStore();
  const repository = testRepository("npm", npm.upstream.url);
  await store.record([{ ...sighting(TARBALL, "f".repeat(64)), repositoryUid: repository.uid }]);
  const larder = await open(store);
  mood.now = "away";
  expect((await larder.get(repository, TARBALL)).status).toBe(200);
  mood.now = "fine";
  const key = `${repository.uid}/file/${TARBALL}`;
  await vi.waitFor(() => expect(larder.cache.find(key)).toBeUndefined(), { timeout: 10_000 });
  expect(larder.events).toMatchObject([{ type: "DIGEST_MISMATCH", facts: { announced: "f".repeat(64) } }]);
  await expect(larder.get(repository, TARBALL)).rejects.toMatchObject({ reason: "DIGEST_MISMATCH" });
});
