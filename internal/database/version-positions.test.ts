import { expect, test } from "vitest";
import { assignPositions } from "./version-positions.ts";

test.each([
  { name: "the first time", versions: ["3", "2", "1"], stored: {}, want: { 1: 1, 2: 2, 3: 3 } },
  { name: "a new newest moves none", versions: ["3", "2", "1"], stored: { 1: 1, 2: 2 }, want: { 1: 1, 2: 2, 3: 3 } },
  { name: "a gap stays", versions: ["3", "1"], stored: { 1: 1, 2: 2, 3: 3 }, want: { 1: 1, 3: 3 } },
  {
    name: "one in the middle moves newer ones",
    versions: ["3", "2", "1"],
    stored: { 1: 1, 3: 2 },
    want: { 1: 1, 2: 2, 3: 3 },
  },
  { name: "another order", versions: ["1", "2"], stored: { 1: 1, 2: 2 }, want: { 2: 2, 1: 3 } },
])("$name", ({ versions, stored, want }) => {
  const positions = assignPositions(versions, new Map(Object.entries(stored)));
  expect(Object.fromEntries(positions)).toEqual(want);
});
