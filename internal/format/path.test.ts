import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeSegment, encodePath, encodeSegment, segmentsOf } from "./path.ts";

describe("decodeSegment", () => {
  test.each([
    ["react", "react"],
    ["%72eact", "react"],
    ["1.0.0+build", "1.0.0+build"],
    ["1.0.0%2Bbuild", "1.0.0+build"],
    ["%C3%A9", "é"],
    ["%252e%252e", "%2e%2e"],
    ["...", "..."],
    ["__proto__", "__proto__"],
    ["", undefined],
    [".", undefined],
    ["..", undefined],
    ["%2e%2E", undefined],
    [".%2e", undefined],
    ["a/b", undefined],
    ["a%2fb", undefined],
    ["a%5Cb", undefined],
    ["a\\b", undefined],
    ["a%00", undefined],
    ["a%0d%0ab", undefined],
    ["a%7f", undefined],
    ["a%C2%85", undefined],
    ["a%", undefined],
    ["a%zz", undefined],
    ["%C3", undefined],
    ["%C0%AE", undefined],
    ["%ED%A0%80", undefined],
    ["é", undefined],
    ["a b", undefined],
  ])("%j is %j", (segment, want) => {
    expect(decodeSegment(segment)).toBe(want);
  });
});

test.each([
  ["simple/requests/", ["simple", "requests", ""]],
  ["a/b", ["a", "b"]],
  ["", [""]],
  ["a//b", undefined],
  ["/a", undefined],
  ["a/../b", undefined],
  ["a/%2e%2e/b", undefined],
])("the segments of %j are %j", (path, want) => {
  expect(segmentsOf(path)).toEqual(want);
});

test("encoding a decoded path gives the same segments, below the base it is resolved against", () => {
  const segment = fc
    .string({ unit: "grapheme", minLength: 1 })
    .map((text) => decodeSegment(encodeURIComponent(text.toWellFormed())));
  fc.assert(
    fc.property(fc.array(segment, { minLength: 1 }), (decoded) => {
      const segments = decoded.filter((one) => one !== undefined);
      fc.pre(segments.length > 0);
      const path = encodePath(segments);
      expect(segmentsOf(path)).toEqual(segments);
      expect(new URL(path, "http://registry.example/base/").href).toBe(`http://registry.example/base/${path}`);
    }),
  );
});

test.each([
  ["http:x", "http%3Ax"],
  ["a;v=1", "a%3Bv=1"],
  ["a?b#c", "a%3Fb%23c"],
  ["%2f", "%252f"],
  ["@s+~", "@s+~"],
])("%j is sent as %j", (segment, want) => {
  expect(encodeSegment(segment)).toBe(want);
});
