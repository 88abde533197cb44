import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { checkDigests } from "./digests.ts";

const BODY = Buffer.from("the right bytes");
const hex = (algorithm: string) => createHash(algorithm).update(BODY).digest("hex");

test.each([
  { name: "strongest and weakest match", digests: { sha512: hex("sha512"), sha1: hex("sha1") }, size: 15, want: "ok" },
  { name: "upper-case hex", digests: { sha256: hex("sha256").toUpperCase() }, size: undefined, want: "ok" },
  { name: "nothing announced", digests: {}, size: undefined, want: "ok" },
  { name: "the first bytes again", digests: {}, firstSeen: hex("sha256"), size: undefined, want: "ok" },
  { name: "other bytes than the first", digests: {}, firstSeen: "00", size: 15, want: "DIGEST_MISMATCH" },
  {
    name: "announced, and other than the first",
    digests: { sha256: hex("sha256") },
    firstSeen: "00",
    size: 15,
    want: "DIGEST_MISMATCH",
  },
  { name: "one of two differs", digests: { sha512: hex("sha512"), md5: "00" }, size: 15, want: "DIGEST_MISMATCH" },
  { name: "size differs", digests: { sha256: hex("sha256") }, size: 14, want: "DIGEST_MISMATCH" },
])("$name: $want", ({ digests, size, firstSeen, want }) => {
  const run = () => {
    const check = checkDigests("a.tgz", { digests, sizeBytes: size, firstSeen });
    check.update(BODY.subarray(0, 4));
    check.update(BODY.subarray(4));
    check.finish();
  };
  if (want === "ok") expect(run).not.toThrow();
  else expect(run).toThrow(expect.objectContaining({ reason: want }));
});

test("more than was announced is noticed before the end", () => {
  const check = checkDigests("a.tgz", { digests: {}, sizeBytes: 4 });
  check.update(BODY.subarray(0, 4));
  expect(() => check.update(BODY.subarray(4, 5))).toThrow(expect.objectContaining({ reason: "DIGEST_MISMATCH" }));
});
