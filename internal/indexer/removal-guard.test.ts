import { expect, test } from "vitest";
import { causeToHold } from "./removal-guard.ts";

test.each([
  { listed: 0, removed: 0, indexed: 0, held: false },
  { listed: 0, removed: 0, indexed: 500, held: false },
  { listed: 100, removed: 50, indexed: 50, held: false },
  { listed: 100, removed: 51, indexed: 49, held: true },
  { listed: 100, removed: 95, indexed: 1_000, held: true },
  { listed: 9, removed: 8, indexed: 1, held: false },
  { listed: 10, removed: 6, indexed: 4, held: true },
  { listed: 1, removed: 1, indexed: 0, held: true },
  { listed: 1, removed: 1, indexed: 1, held: false },
  { listed: 8, removed: 3, indexed: 0, held: false },
])("$removed of $listed go, $indexed are there: held is $held", ({ held, ...plan }) => {
  expect(causeToHold(plan) !== undefined).toBe(held);
});
