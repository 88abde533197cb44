import { expect, test } from "vitest";
import { retryAfterSeconds } from "./retry-after.ts";

const DATE = "Fri, 20 Nov 2026 10:00:00 GMT";

test.each([
  { retryAfter: undefined, want: undefined },
  { retryAfter: "", want: undefined },
  { retryAfter: "soon", want: undefined },
  { retryAfter: "2026-11-20", want: undefined },
  { retryAfter: "1e3", want: undefined },
  { retryAfter: "30", want: 30 },
  { retryAfter: " 30 ", want: 30 },
  { retryAfter: "1.2", want: 2 },
  { retryAfter: "0", want: 1 },
  { retryAfter: "-10", want: 1 },
  { retryAfter: "3600", want: 3_600 },
  { retryAfter: "31536000", want: 3_600 },
  { retryAfter: "9".repeat(400), want: 3_600 },
  { retryAfter: "Fri, 20 Nov 2026 10:00:45 GMT", want: 45 },
  { retryAfter: "Fri, 20 Nov 2026 09:00:00 GMT", want: 1 },
  { retryAfter: "Fri, 20 Nov 2099 10:00:00 GMT", want: 3_600 },
  { retryAfter: "Fri, 99 Nov 2026 10:00:00 GMT", want: undefined },
])("$retryAfter is $want s", ({ retryAfter, want }) => {
  expect(retryAfterSeconds(retryAfter, DATE)).toBe(want);
});

test("a date is read by the upstream's clock, by ours when it tells none", () => {
  const wrongClock = "Tue, 20 Nov 2040 10:00:00 GMT";
  expect(retryAfterSeconds("Tue, 20 Nov 2040 10:01:00 GMT", wrongClock)).toBe(60);
  expect(retryAfterSeconds(new Date(Date.now() - 60_000).toUTCString(), undefined)).toBe(1);
  expect(retryAfterSeconds(new Date(Date.now() + 9e6).toUTCString(), "yesterday")).toBe(3_600);
});
