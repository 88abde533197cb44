import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { digestsOf } from "./subresource-integrity.ts";

const digest = (algorithm: string, text: string) => ({
  sri: `${algorithm}-${createHash(algorithm).update(text).digest("base64")}`,
  hex: createHash(algorithm).update(text).digest("hex"),
});
const sha512 = digest("sha512", "a");
const sha384 = digest("sha384", "a");
const sha1 = digest("sha1", "a");
const other = digest("sha512", "b");

test.each([
  { integrity: sha512.sri, shasum: undefined, want: { sha512: sha512.hex } },
  {
    integrity: `${sha512.sri} ${sha384.sri}`,
    shasum: sha1.hex,
    want: { sha512: sha512.hex, sha384: sha384.hex, sha1: sha1.hex },
  },
  { integrity: `${sha512.sri}\n${other.sri}`, shasum: undefined, want: { sha512: sha512.hex } },
  { integrity: `${sha512.sri}?foo=bar`, shasum: undefined, want: { sha512: sha512.hex } },
  { integrity: undefined, shasum: sha1.hex.toUpperCase(), want: { sha1: sha1.hex } },
  { integrity: `${sha1.sri}`, shasum: "0".repeat(40), want: { sha1: sha1.hex } },
  { integrity: sha512.sri.slice(0, 40), shasum: "abc", want: {} },
  { integrity: "__proto__-AAAA constructor-AAAA", shasum: {}, want: {} },
  { integrity: "", shasum: "", want: {} },
  { integrity: 7, shasum: null, want: {} },
])("integrity $integrity and shasum $shasum announce $want", ({ integrity, shasum, want }) => {
  expect(digestsOf(integrity, shasum)).toEqual(want);
});
