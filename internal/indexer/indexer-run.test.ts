import { describe, expect, test } from "vitest";
import { indexOf } from "./fake-upstream.ts";
import { useIndexerBench } from "./indexer-bench.ts";

const use = useIndexerBench();

describe("a run", () => {
  test("reads an index into the catalogue, newest version first, and tells", async () => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.9.0", "nginx 1.10.0", "nginx 2.0.0-rc.1", "redis 3.0.0");
    const task = await bench.run(charts);
    expect(task).toMatchObject({
      state: "SUCCEEDED",
      counts: { seen: 4, added: 4, updated: 0, removed: 0, skipped: 0, failed: 0 },
      unchanged: false,
      indexDigest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      attempt: 1,
    });
    expect(await bench.catalogue(charts)).toEqual({ nginx: ["2.0.0-rc.1", "1.10.0", "1.9.0"], redis: ["3.0.0"] });
    const { items } = await bench.database.repositories.listEvents(charts.uid, {});
    expect(items[0]).toMatchObject({ type: "INDEXED", facts: { task: task.id, added: "4" } });
  });

  test("of an index that has not changed compares nothing, unless it must", async () => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.0.0");
    await bench.run(charts);
    expect(await bench.run(charts)).toMatchObject({ state: "SUCCEEDED", unchanged: true, counts: { seen: 0 } });
    expect(bench.upstream.asked.at(-1)).toMatchObject({ etag: expect.stringMatching(/^"/) });
    expect(await bench.run(charts, { force: true })).toMatchObject({
      unchanged: false,
      counts: { seen: 1, skipped: 1 },
    });
    expect(bench.upstream.asked.at(-1)).toBeUndefined();
  });

  test("adds, changes, marks what vanished, and takes it back", async () => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.0.0", "nginx 1.1.0", "redis 1.0.0", "etcd 1.0.0");
    await bench.run(charts);
    bench.upstream.index = indexOf("nginx 1.1.0 b", "nginx 1.2.0", "etcd 1.0.0");
    expect((await bench.run(charts)).counts).toEqual({
      seen: 3,
      added: 1,
      updated: 1,
      removed: 2,
      skipped: 1,
      failed: 0,
    });
    expect(await bench.catalogue(charts)).toEqual({ nginx: ["1.2.0", "1.1.0"], etcd: ["1.0.0"] });
    bench.upstream.index = indexOf("nginx 1.0.0", "nginx 1.1.0", "redis 1.0.0", "etcd 1.0.0");
    expect((await bench.run(charts)).counts).toMatchObject({ added: 0, updated: 3, removed: 1, skipped: 1 });
    expect(await bench.catalogue(charts)).toEqual({ nginx: ["1.1.0", "1.0.0"], redis: ["1.0.0"], etcd: ["1.0.0"] });
  });

  test("with one bad version lists the others, keeps what was known of it, and reads it when it is good", async () => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.0.0", "nginx 1.1.0");
    await bench.run(charts);
    const good = indexOf("nginx 1.0.0", "nginx 1.1.0", "nginx 1.2.0");
    bench.upstream.index = good
      .replace("    - nginx-1.0.0.tgz\n", "    []\n")
      .replace("    urls:\n    []\n", "    urls: []\n");
    const task = await bench.run(charts);
    expect(task).toMatchObject({ state: "PARTIAL", counts: { seen: 3, added: 1, removed: 0, failed: 1 } });
    expect((await bench.database.tasks.listIssues(task.id, {})).items).toMatchObject([
      { packageName: "nginx", version: "1.0.0" },
    ]);
    expect(await bench.catalogue(charts)).toEqual({ nginx: ["1.2.0", "1.1.0", "1.0.0"] });
    expect(await bench.database.catalog.countListed(charts.uid)).toBe(3);
    expect(await bench.run(charts)).toMatchObject({ state: "PARTIAL", unchanged: false });
    bench.upstream.index = good;
    expect(await bench.run(charts)).toMatchObject({ state: "SUCCEEDED", counts: { failed: 0, skipped: 3 } });
  });

  test("over some packages touches no other", async () => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.0.0", "redis 1.0.0", "etcd 1.0.0");
    await bench.run(charts);
    bench.upstream.index = indexOf("nginx 2.0.0");
    const task = await bench.run(charts, { packages: ["nginx", "etcd"] });
    expect(task.counts).toMatchObject({ seen: 1, added: 1, removed: 2 });
    expect(await bench.catalogue(charts)).toEqual({ nginx: ["2.0.0"], redis: ["1.0.0"] });
    expect(await bench.run(charts)).toMatchObject({ unchanged: false, counts: { removed: 1 } });
  });

  test("over a large index is read in a thread", async () => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    const padding = `    description: "${"x".repeat(2_000)}"\n`;
    const entries = Array.from({ length: 1_000 }, (_, n) => `chart-${n % 100} 1.${n}.0`);
    bench.upstream.index = indexOf(...entries).replaceAll("    urls:\n", `${padding}    urls:\n`);
    expect(bench.upstream.index.length).toBeGreaterThan(1_500_000);
    expect(await bench.run(charts)).toMatchObject({ state: "SUCCEEDED", counts: { seen: 1_000, added: 1_000 } });
  });
});
