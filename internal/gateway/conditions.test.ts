import { expect, test } from "vitest";
import { isNotModified, mayCutRange } from "./conditions.ts";

const OURS = { etag: '"a"', lastModified: "Wed, 01 Jan 2020 00:00:00 GMT" };

test.each([
  { headers: { "if-none-match": '"a"' }, want: true },
  { headers: { "if-none-match": 'W/"a"' }, want: true },
  { headers: { "if-none-match": '"b", "a"' }, want: true },
  { headers: { "if-none-match": "*" }, want: true },
  { headers: { "if-none-match": '"b"' }, want: false },
  { headers: { "if-modified-since": "Wed, 01 Jan 2020 00:00:00 GMT" }, want: true },
  { headers: { "if-modified-since": "Tue, 31 Dec 2019 00:00:00 GMT" }, want: false },
  { headers: { "if-modified-since": "yesterday" }, want: false },
  { headers: { "if-none-match": '"b"', "if-modified-since": "Thu, 01 Jan 2026 00:00:00 GMT" }, want: false },
  { headers: {}, want: false },
])("not modified for $headers: $want", ({ headers, want }) => {
  expect(isNotModified(headers, OURS)).toBe(want);
});

test("a body that has no tag yet is never the client's", () => {
  expect(isNotModified({ "if-none-match": "*" }, { etag: undefined, lastModified: undefined })).toBe(false);
});

test.each([
  { headers: {}, want: true },
  { headers: { "if-range": '"a"' }, want: true },
  { headers: { "if-range": OURS.lastModified }, want: true },
  { headers: { "if-range": 'W/"a"' }, want: false },
  { headers: { "if-range": '"b"' }, want: false },
])("range allowed for $headers: $want", ({ headers, want }) => {
  expect(mayCutRange(headers, OURS)).toBe(want);
});
