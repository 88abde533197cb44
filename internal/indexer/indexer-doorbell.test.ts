import { describe, expect, test } from "vitest";
import { Fault } from "#internal/fault/fault.ts";
import type { Queue } from "#internal/queue/queue.ts";
import { indexOf } from "./fake-upstream.ts";
import { ANN, PERIODS, useIndexerBench } from "./indexer-bench.ts";

const use = useIndexerBench();

describe("a doorbell", () => {
  test("that never rings costs a poll", async () => {
    const bench = use();
    const deaf: Queue = {
      ...bench.queue,
      ring: async () => undefined,
      listen: async () => ({ stop: async () => undefined }),
    };
    bench.start({ queue: deaf });
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.0.0");
    expect(await bench.run(charts)).toMatchObject({ state: "SUCCEEDED" });
  });

  test("of a queue that is away stays in the outbox, and the task runs", async () => {
    const bench = use();
    const away = async () => {
      throw new Fault("QUEUE_UNAVAILABLE", "away");
    };
    bench.start({ queue: { ...bench.queue, ring: away, listen: away } });
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.0.0");
    expect(await bench.run(charts)).toMatchObject({ state: "SUCCEEDED" });
  });

  test("that rings five times has one effect", async () => {
    const bench = use();
    const eager: Queue = {
      ...bench.queue,
      ring: async (ring) => {
        for (let n = 0; n < 5; n++) await bench.queue.ring({ ...ring, attempt: ring.attempt + n });
      },
    };
    bench.start({ queue: eager, concurrency: 5 });
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.0.0");
    expect(await bench.run(charts)).toMatchObject({ state: "SUCCEEDED", attempt: 1 });
    expect(bench.upstream.asked).toHaveLength(1);
  });

  test("is rung at once for what this process asks, and a worker that stops gives its task back", async () => {
    const bench = use();
    const first = bench.start({ periods: { ...PERIODS, relayMs: 600_000, pollMs: 600_000 } });
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.0.0");
    const { asked, answer } = bench.upstream.hold();
    const task = await bench.database.tasks.request(charts.id, { packages: [], force: false, actor: ANN });
    await asked;
    const stopped = first.stop();
    answer();
    await stopped;
    expect(await bench.database.tasks.get(task.id)).toMatchObject({ state: "PENDING", attempt: 1 });
    bench.start({ workerId: "worker-2" });
    expect(await bench.ended(task.id)).toMatchObject({ state: "SUCCEEDED", attempt: 2 });
  });
});
