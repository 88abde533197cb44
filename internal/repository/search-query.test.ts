import { expect, test } from "vitest";
import { foldDescription, foldText, readSearchWords } from "./search-query.ts";

test.each([
  { query: "nginx", want: ["nginx"] },
  { query: "  Nginx\t INGRESS\nnginx ", want: ["nginx", "ingress"] },
  { query: "100% a_b \\ * ?", want: ["100%", "a_b", "\\", "*", "?"] },
  { query: "\u00c4RGER A\u0308rger", want: ["\u00e4rger"] },
  { query: "a\u0000b", want: ["a", "b"] },
])("$query is read as $want", ({ query, want }) => {
  expect(readSearchWords(query)).toEqual(want);
});

test.each([
  { name: "nothing", query: "" },
  { name: "blanks", query: " \t" },
  { name: "201 characters", query: "a".repeat(201) },
  { name: "11 words", query: "a b c d e f g h i j k" },
])("$name is refused", ({ query }) => {
  const refusal = expect.objectContaining({ reason: "ARGUMENT_INVALID", facts: { field: "query" } });
  expect(() => readSearchWords(query)).toThrow(refusal);
});

test("half a character is no character", () => {
  expect(foldText("a\ud83d")).toBe("a\ufffd");
  expect(foldDescription(`${"x".repeat(1_999)}\u{1f600}`)).toBe(`${"x".repeat(1_999)}\ufffd`);
});
