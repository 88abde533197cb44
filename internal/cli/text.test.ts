import { expect, test } from "vitest";
import { printable, printableJson } from "./printable.ts";
import { textWidth, truncate } from "./text-width.ts";

test.each([
  ["plain", 5],
  ["é", 1],
  ["e\u0301", 1],
  ["日本", 4],
  ["📦", 2],
])("%s takes %d columns", (text, want) => expect(textWidth(text)).toBe(want));

test.each([
  ["short", 5, "short"],
  ["longer", 5, "long…"],
  ["日本語", 5, "日本…"],
  ["日本語", 4, "日…"],
])("%s in %d columns is %s", (text, width, want) => expect(truncate(text, width)).toBe(want));

test("control characters do not reach the terminal, in text or in JSON", () => {
  expect(printable("a\r\n\tb\u0007\u2028")).toBe("a b��");
  const value = { text: "\u001b[2J\u009b\u202e\u007f\n", list: [1] };
  const json = printableJson(value, 2);
  expect(json).toMatch(/^[\x20-\x7e\n]+$/);
  expect(JSON.parse(json)).toEqual(value);
});
