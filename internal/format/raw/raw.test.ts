import { join } from "node:path";
import { expect, test } from "vitest";
import { formatContract } from "../format-contract.ts";
import { raw } from "./raw.ts";

formatContract(raw, join(import.meta.dirname, "testdata"));

const ask = (path: string, method = "GET", query = "") =>
  raw.route({ method, path, query, headers: {}, caller: undefined });

test.each(["POST", "PUT", "DELETE", "OPTIONS"])("%s is not reading", (method) => {
  expect(ask("a.txt", method)).toBeUndefined();
});

test("HEAD and any query ask for the same file as GET", () => {
  expect(ask("a.txt", "HEAD", "token=1")).toEqual(ask("a.txt"));
});

test.each(["..", "a/../b", "a/%2e%2e/b", "a//b", "/a", "a%2fb", "a%5cb", "a%00", "%", "%zz", "é"])(
  "%s is refused",
  (path) => {
    expect(ask(path)).toBeUndefined();
  },
);

test("a path of more than 1,024 decoded bytes is refused", () => {
  expect(ask("a".repeat(1024))).toBeDefined();
  expect(ask("a".repeat(1025))).toBeUndefined();
  expect(ask("%C3%A9".repeat(513))).toBeUndefined();
});

test.each([
  ["http://files.example", "http://files.example/"],
  ["https://files.example/a/b", "https://files.example/a/b/"],
  ["https://files.example/a//", "https://files.example/a/"],
])("%s means %s", (given, canonical) => {
  expect(raw.canonicalUrl(new URL(given))).toBe(canonical);
});
