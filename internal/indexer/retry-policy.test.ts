import { expect, test } from "vitest";
import { Fault, type Reason } from "#internal/fault/fault.ts";
import { retryDelayMs } from "./retry-policy.ts";

const fault = (reason: Reason, retryAfterSeconds?: string) =>
  new Fault(reason, "m", retryAfterSeconds === undefined ? {} : { retryAfterSeconds });

test.each([
  { name: "the first", error: fault("UPSTREAM_UNAVAILABLE"), attempt: 1, min: 3_750, max: 5_000 },
  { name: "twice as long", error: fault("UPSTREAM_UNAVAILABLE"), attempt: 2, min: 7_500, max: 10_000 },
  {
    name: "as the upstream asks",
    error: fault("UPSTREAM_RATE_LIMITED", "120"),
    attempt: 1,
    min: 120_000,
    max: 120_000,
  },
  { name: "an hour at most", error: fault("UPSTREAM_RATE_LIMITED", "1e9"), attempt: 1, min: 3_600_000, max: 3_600_000 },
  { name: "not what is no number", error: fault("UPSTREAM_RATE_LIMITED", "soon"), attempt: 1, min: 3_750, max: 5_000 },
  { name: "not the past", error: fault("UPSTREAM_RATE_LIMITED", "-9"), attempt: 1, min: 3_750, max: 5_000 },
  { name: "a bug", error: new TypeError("x"), attempt: 1, min: 3_750, max: 5_000 },
])("waits: $name", ({ error, attempt, min, max }) => {
  const delayMs = retryDelayMs(error, attempt, 5_000);
  expect(delayMs).toBeGreaterThanOrEqual(min);
  expect(delayMs).toBeLessThanOrEqual(max);
});

test.each([
  { name: "refused", error: fault("UPSTREAM_REFUSED"), attempt: 1 },
  { name: "no index", error: fault("UPSTREAM_INVALID"), attempt: 1 },
  { name: "too large", error: fault("LIMIT_EXCEEDED"), attempt: 1 },
  { name: "the last attempt", error: fault("UPSTREAM_UNAVAILABLE"), attempt: 5 },
])("final: $name", ({ error, attempt }) => {
  expect(retryDelayMs(error, attempt, 5_000)).toBeUndefined();
});
