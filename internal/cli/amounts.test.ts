import { durationFromMs, timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect, test } from "vitest";
import { ageText, countText, durationText, expiryText, sizeText, spanText } from "./amounts.ts";

test.each([
  [0, "0 B"],
  [999, "999 B"],
  [1_000, "1.0 kB"],
  [12_345_678n, "12.3 MB"],
  [999_949_999, "999.9 MB"],
  [999_990_000, "1.0 GB"],
  [5e18, "5000.0 PB"],
])("%s bytes are %s", (sizeBytes, want) => expect(sizeText(sizeBytes)).toBe(want));

test.each([
  [-5_000, "0s"],
  [999, "0s"],
  [59_999, "59s"],
  [60_000, "1m"],
  [7_200_000, "2h"],
  [86_400_000 * 364, "364d"],
  [86_400_000 * 800, "2y"],
])("%d ms are %s", (spanMs, want) => expect(spanText(spanMs)).toBe(want));

test.each([
  [0, "0"],
  [250, "250ms"],
  [1_500, "1.5s"],
  [300_000, "5m"],
  [5_400_000, "1h30m"],
  [90_061_000, "25h1m1s"],
])("a duration of %d ms is %s, as options take it", (spanMs, want) =>
  expect(durationText(durationFromMs(spanMs))).toBe(want),
);

test("what is not set has no age, and never expires", () => {
  expect(countText(1_234_567n)).toBe("1,234,567");
  expect(durationText(undefined)).toBe("");
  expect(ageText(undefined, 0)).toBe("");
  expect(ageText(timestampFromMs(1_000), 4_000)).toBe("3s");
  expect(expiryText(undefined, 0)).toBe("never");
  expect(expiryText(timestampFromMs(61_000), 1_000)).toBe("1m");
  expect(expiryText(timestampFromMs(1_000), 1_000)).toBe("expired");
});
