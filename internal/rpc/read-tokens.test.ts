import { expect, test } from "vitest";
import { createReadTokens, type Readable } from "./read-tokens.ts";

const blob: Readable = { request: {} as never, body: { kind: "blob", blob: { digest: "00", sizeBytes: 1 } } };
const inMemory = (bytes: Buffer): Readable => ({ request: {} as never, body: { kind: "bytes", bytes } });

test("a token is valid for one minute", () => {
  let nowMs = 1_000;
  const tokens = createReadTokens(() => nowMs);
  const token = tokens.issue(blob);
  nowMs += 59_999;
  expect(tokens.find(token)).toBe(blob);
  nowMs += 2;
  expect(tokens.find(token)).toBeUndefined();
});

test("tokens are bounded, the oldest goes first, and none is like another", () => {
  const tokens = createReadTokens(() => 1_000);
  const issued = Array.from({ length: 10_001 }, () => tokens.issue(blob));
  expect(new Set(issued).size).toBe(10_001);
  expect(tokens.find(issued[0] ?? "")).toBeUndefined();
  expect(tokens.find(issued[1] ?? "")).toBe(blob);
});

test("bodies in memory are bounded by their bytes", () => {
  const tokens = createReadTokens(() => 1_000);
  const body = Buffer.alloc(50 * 1024 * 1024);
  const issued = [1, 2, 3].map(() => tokens.issue(inMemory(body)));
  expect(issued.map((token) => tokens.find(token) !== undefined)).toEqual([false, true, true]);
});
