import { expect, test } from "vitest";
import { parseRange } from "./byte-range.ts";

test.each([
  { header: "bytes=0-0", want: { start: 0, end: 1 } },
  { header: "bytes=2-4", want: { start: 2, end: 5 } },
  { header: "bytes=5-", want: { start: 5, end: 10 } },
  { header: "bytes=-3", want: { start: 7, end: 10 } },
  { header: "bytes=-30", want: { start: 0, end: 10 } },
  { header: "bytes=8-99", want: { start: 8, end: 10 } },
  { header: "BYTES=1-2", want: { start: 1, end: 3 } },
  { header: undefined, want: undefined },
  { header: "items=0-1", want: undefined },
  { header: "bytes=0-1,3-4", want: undefined },
  { header: "bytes=4-2", want: undefined },
  { header: "bytes=-", want: undefined },
  { header: "bytes=x-1", want: undefined },
])("$header of 10 bytes", ({ header, want }) => {
  expect(parseRange(header, 10)).toEqual(want);
});

test.each(["bytes=10-", "bytes=11-12", "bytes=-0"])("%s cannot be satisfied", (header) => {
  expect(() => parseRange(header, 10)).toThrow(expect.objectContaining({ reason: "RANGE_NOT_SATISFIABLE" }));
});
