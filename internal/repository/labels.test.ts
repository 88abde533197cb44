import { expect, test } from "vitest";
import { checkLabels } from "./labels.ts";

const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, index) => [`key-${index}`, "v"]));

test.each([
  { name: "none", labels: {} },
  { name: "a domain in the key", labels: { "example.com/team": "web" } },
  { name: "an empty value", labels: { team: "" } },
  { name: "64 of them", labels: many(64) },
  { name: "the longest", labels: { ["k".repeat(63)]: "v".repeat(63) } },
])("$name is accepted", ({ labels }) => {
  expect(checkLabels(labels)).toBe(labels);
});

test.each([
  { name: "an upper-case key", labels: { Team: "web" } },
  { name: "an empty key", labels: { "": "web" } },
  { name: "a key that is too long", labels: { ["k".repeat(64)]: "v" } },
  { name: "a value that is too long", labels: { team: "v".repeat(64) } },
  { name: "a value that ends in a blank", labels: { team: "web " } },
  { name: "65 of them", labels: many(65) },
])("$name is refused", ({ labels }) => {
  expect(() => checkLabels(labels)).toThrow(expect.objectContaining({ reason: "ARGUMENT_INVALID" }));
});
