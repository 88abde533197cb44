import { expect, test } from "vitest";
import { compareChartVersions, parseChartVersion } from "./chart-version.ts";

test.each([
  ["1.2.3", "1.2.3"],
  ["v1.2.3-rc.1+build.5", "1.2.3-rc.1"],
  ["v2", "2.0.0"],
  ["1.10", "1.10.0"],
  ["2024.01.02", "2024.1.2"],
])("%s is the version %s", (version, want) => {
  expect(parseChartVersion(version)?.version).toBe(want);
});

test.each(["", "latest", "1.2.3.4", "1.x", " 1.0.0", "1.0.0 ", "1.0.0-", "99999999999999999999.0.0", "1".repeat(300)])(
  "%j is no version",
  (version) => {
    expect(parseChartVersion(version)).toBeUndefined();
  },
);

test("versions are ordered as Helm orders them, what is none comes first", () => {
  const sorted = ["latest", "main", "1.2.0-alpha", "1.2.0-rc.1", "v1.2", "1.9.0", "1.10.0", "1.10.0+1", "1.10.0+2"];
  expect(sorted.toReversed().sort(compareChartVersions)).toEqual(sorted);
});
