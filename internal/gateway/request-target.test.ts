import { expect, test } from "vitest";
import { parseTarget } from "./request-target.ts";

test.each([
  { target: "/npm/react", want: { repositoryId: "npm", path: "react", query: "" } },
  { target: "/npm/@s%2fname?write=true", want: { repositoryId: "npm", path: "@s%2fname", query: "write=true" } },
  { target: "/repository/npm/react", want: { repositoryId: "npm", path: "react", query: "" } },
  { target: "/npm", want: { repositoryId: "npm", path: "", query: "" } },
  { target: "/", want: { repositoryId: "", path: "", query: "" } },
  { target: "/raw/a%20b/..c/d..", want: { repositoryId: "raw", path: "a%20b/..c/d..", query: "" } },
])("$target", ({ target, want }) => {
  expect(parseTarget(target)).toEqual(want);
});

test.each([
  { name: "absolute form", target: "http://elsewhere.example/npm/react", reason: "ARGUMENT_INVALID" },
  { name: "asterisk form", target: "*", reason: "ARGUMENT_INVALID" },
  { name: "dot segment", target: "/npm/../pypi/x", reason: "ARGUMENT_INVALID" },
  { name: "encoded dot segment", target: "/npm/%2E%2e/x", reason: "ARGUMENT_INVALID" },
  { name: "half encoded dot segment", target: "/npm/.%2e/x", reason: "ARGUMENT_INVALID" },
  { name: "single dot", target: "/npm/./x", reason: "ARGUMENT_INVALID" },
  { name: "backslash", target: "/npm/a\\b", reason: "ARGUMENT_INVALID" },
  { name: "encoded backslash", target: "/npm/a%5cb", reason: "ARGUMENT_INVALID" },
  { name: "encoded NUL", target: "/npm/a%00b", reason: "ARGUMENT_INVALID" },
  { name: "encoded newline", target: "/npm/a%0d%0ab", reason: "ARGUMENT_INVALID" },
  { name: "malformed escape", target: "/npm/a%zz", reason: "ARGUMENT_INVALID" },
  { name: "control character", target: "/npm/a\u0001", reason: "ARGUMENT_INVALID" },
  { name: "too long", target: `/npm/${"a".repeat(4_096)}`, reason: "REQUEST_TOO_LARGE" },
])("refuses: $name", ({ target, reason }) => {
  expect(() => parseTarget(target)).toThrow(expect.objectContaining({ reason }));
});
