import { describe, expect, test } from "vitest";
import { indexOf, many } from "./fake-upstream.ts";
import { ANN, PERIODS, useIndexerBench } from "./indexer-bench.ts";

const use = useIndexerBench();
const REQUEST = { packages: [], force: false, actor: ANN };

describe("a run that is cancelled", () => {
  test("while it waits for its upstream is left with the next heartbeat, and nothing follows", async () => {
    const bench = use();
    bench.start({ periods: { ...PERIODS, leaseMs: 150, reapMs: 600_000 } });
    const charts = await bench.newRepository();
    let signal: AbortSignal | undefined;
    const left = Promise.withResolvers<void>();
    const reached = Promise.withResolvers<void>();
    const { tasks } = bench.database;
    const task = await tasks.request(charts.id, REQUEST);
    await bench.stop();
    bench.start({
      periods: { ...PERIODS, leaseMs: 150, reapMs: 600_000 },
      fetchIndex: async (_repository, _format, _validators, given) => {
        signal = given;
        given.addEventListener("abort", () => left.resolve());
        reached.resolve();
        await left.promise;
        throw given.reason;
      },
    });
    await reached.promise;
    await tasks.request(charts.id, REQUEST);
    expect(await tasks.cancel(task.id, ANN)).toMatchObject({ state: "CANCELLED" });
    await left.promise;
    expect(signal?.aborted).toBe(true);
    await bench.stop();
    expect((await tasks.list({})).items).toMatchObject([{ id: task.id, state: "CANCELLED", cause: /cancelled/ }]);
  });

  test("between two chunks writes no other, and the next run does the rest", async () => {
    const bench = use();
    const { catalog, tasks } = bench.database;
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf(...many(250));
    let chunks = 0;
    const apply: typeof catalog.apply = async (lease, ...rest) => {
      if (++chunks === 2) await tasks.cancel(lease.taskId, ANN);
      return catalog.apply(lease, ...rest);
    };
    bench.start({ catalog: { ...catalog, apply } });
    const task = await bench.run(charts);
    expect(task).toMatchObject({ state: "CANCELLED", counts: { added: 100 } });
    expect(await bench.run(charts)).toMatchObject({ state: "SUCCEEDED", counts: { added: 150, skipped: 100 } });
    expect(await tasks.get(task.id)).toEqual(task);
    expect(await catalog.countListed(charts.uid)).toBe(250);
  });

  test("in the middle of another index leaves no old one that is known", async () => {
    const bench = use();
    const { catalog, tasks } = bench.database;
    const charts = await bench.newRepository();
    let cancels = false;
    const apply: typeof catalog.apply = async (lease, ...rest) => {
      await catalog.apply(lease, ...rest);
      if (cancels) await tasks.cancel(lease.taskId, ANN);
    };
    bench.start({ catalog: { ...catalog, apply } });
    bench.upstream.index = indexOf("nginx 1.0.0");
    await bench.run(charts);
    bench.upstream.index = indexOf("nginx 2.0.0");
    cancels = true;
    expect(await bench.run(charts)).toMatchObject({ state: "CANCELLED" });
    cancels = false;
    bench.upstream.index = indexOf("nginx 1.0.0");
    expect(await bench.run(charts)).toMatchObject({ state: "SUCCEEDED", unchanged: false });
    expect(await bench.catalogue(charts)).toEqual({ nginx: ["1.0.0"] });
  });
});

describe("removals that were held", () => {
  test("say who lets them happen, and happen once they are confirmed", async () => {
    const bench = use();
    bench.start();
    const { tasks } = bench.database;
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf(...many(100));
    await bench.run(charts);
    bench.upstream.index = indexOf(...many(5));
    const held = await bench.run(charts);
    expect(held).toMatchObject({ state: "HELD", cause: expect.stringContaining("95 of 100 known versions") });
    expect(held.cause).toContain(`RepoIndexer.ConfirmRemovals with indexTasks/${held.id}`);
    const confirmed = await bench.ended((await tasks.confirmRemovals(held.id, ANN)).id);
    expect(confirmed).toMatchObject({ state: "SUCCEEDED", counts: { removed: 95, skipped: 5 } });
    expect(await bench.database.catalog.countListed(charts.uid)).toBe(5);
    bench.upstream.index = indexOf(...many(100));
    await bench.run(charts);
    bench.upstream.index = indexOf(...many(5));
    expect(await bench.run(charts)).toMatchObject({ state: "HELD" });
  });

  test("are judged anew when the index is another one meanwhile", async () => {
    const bench = use();
    bench.start();
    const { tasks } = bench.database;
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf(...many(100));
    await bench.run(charts);
    bench.upstream.index = indexOf(...many(5));
    const held = await bench.run(charts);
    bench.upstream.index = indexOf(...many(4));
    const again = await bench.ended((await tasks.confirmRemovals(held.id, ANN)).id);
    expect(again).toMatchObject({ state: "HELD", cause: expect.stringContaining("96 of 100") });
    expect(await bench.database.catalog.countListed(charts.uid)).toBe(100);
    bench.upstream.index = indexOf(...many(60));
    const better = await bench.ended((await tasks.confirmRemovals(again.id, ANN)).id);
    expect(better).toMatchObject({ state: "SUCCEEDED", counts: { removed: 40 } });
  });

  test("asked for again without a confirmation are held again", async () => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf(...many(100));
    await bench.run(charts);
    bench.upstream.index = indexOf();
    const held = await bench.run(charts);
    const again = await bench.database.tasks.requestAgain(held.id, ANN);
    expect(await bench.ended(again.id)).toMatchObject({ state: "HELD" });
  });
});
