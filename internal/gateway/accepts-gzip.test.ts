import { expect, test } from "vitest";
import { acceptsGzip } from "./accepts-gzip.ts";

test.each([
  { header: "gzip", want: true },
  { header: "gzip, deflate, br", want: true },
  { header: "br;q=1.0, GZIP;q=0.5", want: true },
  { header: "*", want: true },
  { header: "identity", want: false },
  { header: "gzip;q=0", want: false },
  { header: "gzip; q=0.000", want: false },
  { header: "gzip;q=0, *", want: false },
  { header: undefined, want: false },
])("$header: $want", ({ header, want }) => {
  expect(acceptsGzip(header)).toBe(want);
});
