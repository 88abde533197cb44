import { readFile, rm, truncate, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Entry } from "#internal/cache/cache.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { Sighting } from "#internal/repository/sighting.ts";
import type { NpmSite } from "../../test/fixtures/npm-site.ts";
import { type Fixture, startNpmFixture } from "../../test/fixtures/start-fixtures.ts";
import { createLedger, type LedgerStore } from "./ledger.ts";
import { ledgerInMemory, openTestMirror, type TestMirror, TTL_MS, testRepository } from "./test-mirror.ts";
import type { VerifyProgress } from "./verify.ts";

const TARBALL = "larder-left/-/larder-left-1.0.0.tgz";

let npm: Fixture<NpmSite>;
let larder: TestMirror;
let repository: Repository;
beforeEach(async () => {
  [npm, larder] = await Promise.all([startNpmFixture(), openTestMirror()]);
  repository = testRepository("npm", npm.upstream.url);
  await larder.get(repository, "larder-left");
  await larder.get(repository, TARBALL);
  npm.upstream.clearRequests();
});
afterEach(() => Promise.all([npm.stop(), larder.close()]));

async function verify(heal: boolean, of = [repository]): Promise<{ told: VerifyProgress[]; last: VerifyProgress }> {
  const { signal } = new AbortController();
  const told = await Array.fromAsync(larder.mirror.verify({ repositories: of, heal, signal }));
  const last = told.at(-1);
  if (!last?.done) throw new Error("it did not end");
  return { told, last };
}

const entryOf = (kind: Entry["kind"]) =>
  larder.cache.list("", undefined, 99).find((entry) => entry.kind === kind) as Entry;
const pathsOf = (kind: Entry["kind"], part: "original" | "derived"): string[] => {
  const { blob, representations } = entryOf(kind);
  const blobs = part === "original" ? [blob] : Object.values(representations).map((form) => form.blob);
  return blobs.map((one) => larder.cache.blobPath(one?.digest ?? ""));
};
const DAMAGES = [
  {
    name: "flipped",
    state: "rotten",
    harm: async (path: string) => {
      const bytes = await readFile(path);
      bytes.writeUInt8(bytes.readUInt8(20) ^ 4, 20);
      await writeFile(path, bytes);
    },
  },
  { name: "truncated", state: "rotten", harm: (path: string) => truncate(path, 30) },
  { name: "missing", state: "missing", harm: (path: string) => rm(path) },
] as const;

test("a sound cache: everything is counted, nothing is asked", async () => {
  const { told, last } = await verify(true);
  const { entries, bytes } = larder.cache.stats();
  expect(last).toEqual({
    ...{ entries, bytes, rotten: 0, missing: 0, healed: 0, unrepairable: 0, damage: undefined, done: true },
  });
  expect(told.filter(({ damage }) => damage)).toEqual([]);
  expect(npm.upstream.requestCount()).toBe(0);
});

describe.each(DAMAGES)("a file that is $name", ({ state, harm }) => {
  beforeEach(async () => {
    for (const path of pathsOf("file", "original")) await harm(path);
  });

  test("is fetched again", async () => {
    const { told, last } = await verify(true);
    expect(last).toMatchObject({ [state]: 1, healed: 1, unrepairable: 0 });
    expect(told.find(({ damage }) => damage)?.damage).toMatchObject({
      ...{ repositoryId: "npm", entry: `file/${TARBALL}`, state, healed: true, detail: "" },
    });
    expect((await verify(true)).last).toMatchObject({ rotten: 0, missing: 0 });
    expect((await larder.get(repository, TARBALL)).verdict).toBe("HIT");
    expect(larder.events.map(({ type }) => type)).toEqual(state === "rotten" ? ["BLOB_ROTTEN"] : []);
  });

  test("is reported while the upstream is down, and nobody gets it", async () => {
    await npm.upstream.behave("stopped");
    const { told, last } = await verify(true);
    expect(last).toMatchObject({ [state]: 1, healed: 0, unrepairable: 1 });
    expect(told.find(({ damage }) => damage)?.damage).toMatchObject({
      ...{ state, healed: false, detail: expect.stringMatching(/./) },
    });
    await expect(larder.get(repository, TARBALL)).rejects.toMatchObject({ reason: "UPSTREAM_UNAVAILABLE" });
  });

  test("is only told of without heal, and healed by who asks for it", async () => {
    const { last } = await verify(false);
    expect(last).toMatchObject({ [state]: 1, healed: 0, unrepairable: 0 });
    expect(npm.upstream.requestCount()).toBe(0);
    expect((await larder.get(repository, TARBALL, { lost: true })).status).toBe(200);
  });
});

describe.each(DAMAGES)("a document that is $name", ({ state, harm }) => {
  test("derived: made again from its original, the upstream is not asked", async () => {
    for (const path of pathsOf("document", "derived")) await harm(path);
    await npm.upstream.behave("stopped");
    const { last } = await verify(true);
    expect(last).toMatchObject({ [state]: 2, healed: 2, unrepairable: 0 });
    expect((await larder.get(repository, "larder-left")).verdict).toBe("HIT");
  });

  test("the original: read again", async () => {
    for (const path of pathsOf("document", "original")) await harm(path);
    expect((await verify(true)).last).toMatchObject({ [state]: 1, healed: 1 });
    expect((await verify(true)).last).toMatchObject({ rotten: 0, missing: 0 });
    expect((await larder.get(repository, "larder-left")).verdict).toBe("HIT");
  });

  test("the original, of which there is another one by now: the next client gets that", async () => {
    for (const path of pathsOf("document", "original")) await harm(path);
    npm.site.publish("larder-left", "9.9.9");
    expect((await verify(true)).last).toMatchObject({ [state]: 1, healed: 1 });
    expect((await larder.get(repository, "larder-left")).text).toContain("9.9.9");
  });

  test("the original, while the upstream is down: what was made of it is still sent", async () => {
    for (const path of pathsOf("document", "original")) await harm(path);
    await npm.upstream.behave("stopped");
    expect((await verify(true)).last).toMatchObject({ [state]: 1, unrepairable: 1 });
    larder.advance(TTL_MS);
    expect((await larder.get(repository, "larder-left")).verdict).toBe("STALE");
  });

  test("all of it, while the upstream is down: reported, body by body", async () => {
    for (const part of ["original", "derived"] as const) {
      for (const path of pathsOf("document", part)) await harm(path);
    }
    await npm.upstream.behave("stopped");
    expect((await verify(true)).last).toMatchObject({ [state]: 3, healed: 0, unrepairable: 3 });
  });
});

test("an offline repository asks nobody", async () => {
  await rm(pathsOf("file", "original")[0] ?? "");
  const offline = { ...repository, upstreamMode: "OFFLINE" as const };
  expect((await verify(true, [offline])).last).toMatchObject({ missing: 1, unrepairable: 1 });
  expect(npm.upstream.requestCount()).toBe(0);
});

test("another repository's bodies are left alone", async () => {
  await rm(pathsOf("file", "original")[0] ?? "");
  const other = testRepository("npm", npm.upstream.url, { id: "other" });
  expect((await verify(true, [other])).last).toMatchObject({ entries: 0, missing: 0 });
});

test("ends when it is told to", async () => {
  const ending = new AbortController();
  ending.abort(new Error("the client has left"));
  const { signal } = ending;
  const run = Array.fromAsync(larder.mirror.verify({ repositories: [repository], heal: false, signal }));
  await expect(run).rejects.toThrow("the client has left");
});

test("gives the ledger what it has missed", async () => {
  const store = ledgerInMemory();
  const forgetful: Pick<LedgerStore, "record"> = {
    record: async (files: readonly Sighting[]) => files.map(({ digest }) => digest),
  };
  const target = { now: forgetful };
  const record: LedgerStore["record"] = (files) => target.now.record(files);
  const ledger = createLedger({ store: { find: store.find, record }, onError: () => undefined });
  await larder.close();
  larder = await openTestMirror({ ledger });
  await larder.get(repository, TARBALL);
  await vi.waitFor(async () => expect(await ledger.find(repository.uid, TARBALL)).toBeUndefined());
  target.now = store;
  await verify(false);
  await vi.waitFor(async () => expect(await store.find(repository.uid, TARBALL)).toMatch(/^[0-9a-f]{64}$/));
  await ledger.close();
});
