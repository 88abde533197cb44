import { describe, expect, test } from "vitest";
import { Fault } from "#internal/fault/fault.ts";
import { indexOf, many } from "./fake-upstream.ts";
import { useIndexerBench } from "./indexer-bench.ts";

const use = useIndexerBench();

describe("an upstream that is not well never empties the catalogue", () => {
  test.each([
    { name: "is down", fault: new Fault("UPSTREAM_UNAVAILABLE", "no answer"), attempts: 5, state: "FAILED" },
    { name: "refuses", fault: new Fault("UPSTREAM_REFUSED", "401"), attempts: 1, state: "FAILED" },
    { name: "has no index", fault: new Fault("UPSTREAM_NOT_FOUND", "404"), attempts: 1, state: "FAILED" },
    { name: "is too large", fault: new Fault("LIMIT_EXCEEDED", "large"), attempts: 1, state: "FAILED" },
    { name: "meets a bug", fault: new TypeError("bug"), attempts: 5, state: "FAILED" },
  ])("when it $name", async ({ fault, attempts, state }) => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf(...many(20));
    await bench.run(charts);
    bench.upstream.faults = Array.from({ length: attempts }, () => fault);
    const causeReason = fault instanceof Fault ? fault.reason : "";
    expect(await bench.run(charts)).toMatchObject({
      state,
      attempt: attempts,
      causeReason,
      cause: expect.stringMatching(/./),
    });
    expect(bench.upstream.faults).toEqual([]);
    expect(await bench.database.catalog.countListed(charts.uid)).toBe(20);
    const known = await bench.database.tasks.indexState(charts.uid);
    expect(known).toMatchObject({ lastError: expect.stringMatching(/./), lastSuccessTime: expect.any(Date) });
    await bench.run(charts);
    expect((await bench.database.tasks.indexState(charts.uid)).lastError).toBe("");
  });

  test.each([
    { name: "an empty body", index: "" },
    { name: "a login page", index: "<!doctype html><title>Log in</title>" },
    { name: "an error as JSON", index: '{"error": "try again"}' },
    { name: "half of the index", index: indexOf(...many(20)).slice(0, 40) },
  ])("when it sends $name", async ({ index }) => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf(...many(20));
    await bench.run(charts);
    bench.upstream.index = index;
    const { state } = await bench.run(charts);
    expect(["FAILED", "HELD", "PARTIAL"]).toContain(state);
    expect(await bench.database.catalog.countListed(charts.uid)).toBe(20);
  });

  test.each([
    { name: "lost 95 %", index: indexOf(...many(5)) },
    { name: "is another one", index: indexOf("other 1.0.0", "others 1.0.0") },
    { name: "lists nothing", index: indexOf() },
  ])("when its index $name, the run is held", async ({ index }) => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf(...many(100));
    await bench.run(charts);
    const before = await bench.catalogue(charts);
    bench.upstream.index = index;
    expect(await bench.run(charts)).toMatchObject({
      state: "HELD",
      cause: expect.stringContaining("of 100 known versions"),
    });
    expect(await bench.catalogue(charts)).toEqual(before);
    bench.upstream.index = indexOf(...many(100));
    expect(await bench.run(charts)).toMatchObject({ state: "SUCCEEDED" });
  });

  test("a fault that passes costs an attempt, nothing else", async () => {
    const bench = use();
    bench.start();
    const charts = await bench.newRepository();
    bench.upstream.index = indexOf("nginx 1.0.0");
    bench.upstream.faults = [
      new Fault("UPSTREAM_UNAVAILABLE", "no answer"),
      new Fault("UPSTREAM_RATE_LIMITED", "slow down"),
    ];
    expect(await bench.run(charts)).toMatchObject({ state: "SUCCEEDED", attempt: 3, cause: "", counts: { added: 1 } });
  });
});
