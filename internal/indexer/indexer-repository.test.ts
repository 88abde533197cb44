import { describe, expect, test } from "vitest";
import { indexOf } from "./fake-upstream.ts";
import { ANN, useIndexerBench } from "./indexer-bench.ts";

const use = useIndexerBench();

describe("a repository", () => {
  test("whose format has no index cannot be indexed", async () => {
    const bench = use();
    bench.start();
    expect(await bench.run(await bench.newRepository({ format: "raw" }))).toMatchObject({
      state: "FAILED",
      causeReason: "FORMAT_NOT_INDEXABLE",
    });
  });

  test("that is OFFLINE is not asked", async () => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    await bench.database.repositories.setUpstreamMode({ id: charts.id }, "OFFLINE", ANN);
    expect(await bench.run(charts)).toMatchObject({ state: "FAILED", causeReason: "UPSTREAM_OFFLINE" });
    expect(bench.upstream.asked).toEqual([]);
  });

  test("that is deleted during a run gets nothing more", async () => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.0.0");
    const { asked, answer } = bench.upstream.hold();
    const task = await bench.database.tasks.request(charts.id, { packages: [], force: false, actor: ANN });
    await asked;
    await bench.database.repositories.delete(charts.id, { actor: ANN });
    answer();
    expect(await bench.ended(task.id)).toMatchObject({ state: "SUPERSEDED" });
    await bench.stop();
    expect(await bench.catalogue(charts)).toEqual({});
  });

  test("that is asked for during a run is run again", async () => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.0.0");
    const { asked, answer } = bench.upstream.hold();
    const task = await bench.database.tasks.request(charts.id, { packages: [], force: false, actor: ANN });
    await asked;
    expect(await bench.database.tasks.request(charts.id, { packages: [], force: true, actor: ANN })).toMatchObject({
      id: task.id,
    });
    answer();
    await bench.ended(task.id);
    const { items } = await bench.database.tasks.list({});
    expect(items).toHaveLength(2);
    expect(await bench.ended(items[0]?.id ?? "")).toMatchObject({
      state: "SUCCEEDED",
      force: true,
      counts: { skipped: 1 },
    });
  });

  test("with another upstream is not asked with the validators of the old one", async () => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.0.0");
    await bench.run(charts);
    await bench.database.repositories.update(charts.id, { upstreamUrl: "http://other.example/" }, { actor: ANN });
    await bench.run(charts);
    expect(bench.upstream.asked).toEqual([undefined, undefined]);
  });

  test("with a sync interval is read without being asked for, once", async () => {
    const bench = use();
    const charts = await bench.newRepository({ syncIntervalMs: 60_000 });
    bench.upstream.index = indexOf("nginx 1.0.0");
    bench.start();
    await expect.poll(() => bench.database.catalog.countListed(charts.uid), { timeout: 15_000 }).toBe(1);
    const { items } = await bench.database.tasks.list({});
    expect(items).toHaveLength(1);
    expect(items[0]?.actor).toBe("system");
  });

  test("of a format without an index is not scheduled", async () => {
    const bench = use();
    await bench.newRepository({ format: "raw", syncIntervalMs: 60_000 });
    expect(await bench.database.tasks.requestDue(["helm"])).toBe(0);
  });
});
