import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { createSecretBox } from "./secret-box.ts";

const box = createSecretBox(randomBytes(32));
const sealed = box.seal("s3cret ü", "uid-1");
const damaged = { ...sealed, ciphertext: Buffer.from(sealed.ciphertext.map((byte) => byte ^ 1)) };
const refused = expect.objectContaining({ reason: "STORAGE_UNAVAILABLE" });

test("a secret opens for its owner", () => {
  expect(box.open(sealed, "uid-1")).toBe("s3cret ü");
});

test("the stored form does not hold the secret, and differs each time", () => {
  expect(sealed.ciphertext.includes("s3cret")).toBe(false);
  expect(box.seal("s3cret ü", "uid-1").ciphertext).not.toEqual(sealed.ciphertext);
});

test.each([
  { name: "another owner", open: () => box.open(sealed, "uid-2") },
  { name: "another key", open: () => createSecretBox(randomBytes(32)).open(sealed, "uid-1") },
  { name: "damaged bytes", open: () => box.open(damaged, "uid-1") },
])("$name: refused, and the message does not tell it", ({ open }) => {
  expect(open).toThrow(refused);
  expect(open).not.toThrow(/s3cret/);
});

test("a key of another length is refused", () => {
  expect(() => createSecretBox(randomBytes(31))).toThrow(expect.objectContaining({ reason: "ARGUMENT_INVALID" }));
});
