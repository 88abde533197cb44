import { expect, test } from "vitest";
import { repeat } from "./repeating.ts";

const NEVER_MS = 3_600_000;

test("work is done at once, and again for each nudge", async () => {
  let done = 0;
  const repeating = repeat(
    NEVER_MS,
    async () => void done++,
    () => undefined,
  );
  await expect.poll(() => done, { timeout: 10_000 }).toBe(1);
  repeating.nudge();
  await expect.poll(() => done, { timeout: 10_000 }).toBe(2);
  await repeating.stop();
  repeating.nudge();
  expect(done).toBe(2);
});

test("a nudge during the work is not lost, and nothing is done twice at a time", async () => {
  const gate = Promise.withResolvers<void>();
  let [atOnce, most, done] = [0, 0, 0];
  const work = async () => {
    most = Math.max(most, ++atOnce);
    if (done === 0) await gate.promise;
    atOnce--;
    done++;
  };
  const repeating = repeat(NEVER_MS, work, () => undefined);
  repeating.nudge();
  repeating.nudge();
  gate.resolve();
  await expect.poll(() => done, { timeout: 10_000 }).toBe(2);
  await repeating.stop();
  expect([most, done]).toEqual([1, 2]);
});

test("of failures in a row the first is told", async () => {
  const ends = ["a", "b", "", "c", ""];
  const told: string[] = [];
  const work = async () => {
    const end = ends.shift();
    if (end) throw new Error(end);
  };
  const repeating = repeat(1, work, (error) => told.push((error as Error).message));
  await expect.poll(() => ends.length, { timeout: 10_000 }).toBe(0);
  await repeating.stop();
  expect(told).toEqual(["a", "c"]);
});
