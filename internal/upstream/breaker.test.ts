import { expect, test } from "vitest";
import { createBreaker, OPENING_WEIGHT } from "./breaker.ts";

function openBreaker(random = 0) {
  let nowMs = 0;
  const breaker = createBreaker(
    () => nowMs,
    () => random,
  );
  const advance = (ms: number) => {
    nowMs += ms;
  };
  return { breaker, advance };
}

test("one dead connection opens it; after a second one probe passes and decides", () => {
  const { breaker, advance } = openBreaker();
  expect(breaker.admit()).toBe("pass");
  breaker.failed("pass", OPENING_WEIGHT);
  expect(breaker.state()).toBe("open");
  expect(breaker.admit()).toBeUndefined();
  advance(999);
  expect(breaker.admit()).toBeUndefined();
  advance(1);
  expect(breaker.admit()).toBe("probe");
  expect(breaker.state()).toBe("half-open");
  expect(breaker.admit()).toBeUndefined();
  breaker.answered();
  expect(breaker.state()).toBe("closed");
  expect(breaker.admit()).toBe("pass");
});

test("pauses grow to 15 s while probes fail, and start small again after a completed answer", () => {
  const { breaker, advance } = openBreaker();
  breaker.failed("pass", OPENING_WEIGHT);
  const pauses: number[] = [];
  for (let probe = 0; probe < 7; probe++) {
    const pauseMs = breaker.refusesForMs() ?? 0;
    pauses.push(pauseMs);
    advance(pauseMs);
    expect(breaker.admit()).toBe("probe");
    breaker.failed("probe", 1);
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000]);
  advance(15_000);
  breaker.admit();
  breaker.answered();
  breaker.completed();
  breaker.failed("pass", OPENING_WEIGHT);
  expect(breaker.refusesForMs()).toBe(1_000);
});

test("jitter shortens a pause by up to a quarter", () => {
  const { breaker } = openBreaker(1);
  breaker.failed("pass", OPENING_WEIGHT);
  expect(breaker.refusesForMs()).toBe(750);
});

test("light failures add up only while no body completes between them", () => {
  const { breaker } = openBreaker();
  breaker.failed("pass", OPENING_WEIGHT / 3);
  breaker.failed("pass", OPENING_WEIGHT / 3);
  breaker.answered();
  breaker.completed();
  breaker.failed("pass", OPENING_WEIGHT / 3);
  breaker.failed("pass", OPENING_WEIGHT / 3);
  expect(breaker.state()).toBe("closed");
  breaker.failed("pass", OPENING_WEIGHT / 3);
  expect(breaker.state()).toBe("open");
});

test("a probe that was withdrawn lets the next one try at once", () => {
  const { breaker, advance } = openBreaker();
  breaker.failed("pass", OPENING_WEIGHT);
  advance(1_000);
  breaker.withdrew(breaker.admit() ?? "pass");
  expect(breaker.admit()).toBe("probe");
});

test("requests that left before it opened neither lengthen the pause nor take the probe's place", () => {
  const { breaker, advance } = openBreaker();
  breaker.failed("pass", OPENING_WEIGHT);
  breaker.failed("pass", OPENING_WEIGHT);
  expect(breaker.refusesForMs()).toBe(1_000);
  advance(1_000);
  breaker.admit();
  breaker.failed("pass", OPENING_WEIGHT);
  expect(breaker.state()).toBe("half-open");
});
