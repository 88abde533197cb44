import { join } from "node:path";
import { expect, test } from "vitest";
import { formatContract } from "../format-contract.ts";
import { pypi } from "./pypi.ts";

formatContract(pypi, join(import.meta.dirname, "testdata"));

test.each([
  ["http://registry.example", "http://registry.example/simple/"],
  ["https://registry.example/simple", "https://registry.example/simple/"],
  [
    "https://user:secret@registry.example/api/pypi/team/simple//?x=1#y",
    "https://registry.example/api/pypi/team/simple/",
  ],
  ["http://127.0.0.1:3141/root/+simple/", "http://127.0.0.1:3141/root/+simple/"],
])("the simple index of %s is %s", (url, want) => {
  expect(pypi.canonicalUrl(new URL(url))).toBe(want);
});

test("a refusal is a problem document, without a parameter in its content type", () => {
  const refusal = pypi.refuse({ status: 403, reason: "UPSTREAM_FORBIDDEN", message: "files.example is not allowed" });
  expect(refusal.contentType).toBe("application/problem+json");
  expect(JSON.parse(refusal.body)).toEqual({
    title: "Forbidden",
    status: 403,
    detail: "files.example is not allowed",
    reason: "UPSTREAM_FORBIDDEN",
  });
});
