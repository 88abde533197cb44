import { expect, test } from "vitest";
import { suspicionOf } from "./standing.ts";

const upTo = (count: number) => Array.from({ length: count }, (_, index) => `1.0.${index}`);

test.each([
  { kept: true, sent: false, want: "cut short" },
  { kept: true, sent: true, want: undefined },
  { kept: false, sent: false, want: undefined },
  { kept: undefined, sent: false, want: undefined },
])("an end that was $kept and is $sent: $want", ({ kept, sent, want }) => {
  const standing = { revision: undefined, releases: [] };
  const before = kept === undefined ? standing : { ...standing, hasEnd: kept };
  expect(suspicionOf(before, { ...standing, hasEnd: sent })).toBe(want);
});

test.each([
  { name: "the same", kept: [7, upTo(12)], sent: [7, upTo(12)], want: undefined },
  { name: "newer", kept: [7, upTo(12)], sent: [8, upTo(13)], want: undefined },
  { name: "older", kept: [7, upTo(12)], sent: [6, upTo(12)], want: "rolled back" },
  { name: "older, and more", kept: [7, upTo(3)], sent: [6, upTo(4)], want: "rolled back" },
  { name: "one that does not say", kept: [7, upTo(12)], sent: [undefined, upTo(12)], want: undefined },
  { name: "after one that did not say", kept: [undefined, upTo(12)], sent: [6, upTo(12)], want: undefined },
  { name: "half of ten", kept: [1, upTo(10)], sent: [2, upTo(5)], want: undefined },
  { name: "less than half of ten", kept: [1, upTo(10)], sent: [2, upTo(4)], want: "shrunk" },
  { name: "none of ten", kept: [undefined, upTo(10)], sent: [undefined, []], want: "shrunk" },
  { name: "none of nine", kept: [1, upTo(9)], sent: [2, []], want: undefined },
  { name: "a new one in the place of all", kept: [1, upTo(30)], sent: [2, ["0.0.1-security"]], want: undefined },
] as const)("$name: $want", ({ kept, sent, want }) => {
  const [keptRevision, keptReleases] = kept;
  const [revision, releases] = sent;
  expect(suspicionOf({ revision: keptRevision, releases: keptReleases }, { revision, releases })).toBe(want);
});
