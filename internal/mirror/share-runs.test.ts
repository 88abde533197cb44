import { expect, test } from "vitest";
import { shareRuns } from "./share-runs.ts";

test("many askers of one key share one run", async () => {
  const share = shareRuns<number>();
  let runs = 0;
  const ask = () => share("a", async () => ++runs);
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([
    { value: 1, joined: false },
    { value: 1, joined: true },
    { value: 1, joined: true },
  ]);
  expect(await ask()).toEqual({ value: 2, joined: false });
});

test("a failed run fails all who joined it, and the next asker runs anew", async () => {
  const share = shareRuns<string>();
  const failing = () => share("a", () => Promise.reject(new Error("no")));
  expect(await Promise.allSettled([failing(), failing()])).toMatchObject([
    { status: "rejected" },
    { status: "rejected" },
  ]);
  expect((await share("a", async () => "yes")).value).toBe("yes");
});

test("the key stays taken until what the run began has ended, also when it ends badly", async () => {
  const landing = Promise.withResolvers<void>();
  const share = shareRuns<{ landed: Promise<void> }>(({ landed }) => landed);
  const first = await share("a", async () => ({ landed: landing.promise }));
  expect((await share("a", async () => ({ landed: Promise.resolve() }))).value).toBe(first.value);
  landing.reject(new Error("cut"));
  await landing.promise.catch(() => {});
  expect((await share("a", async () => ({ landed: Promise.resolve() }))).joined).toBe(false);
});
