import { createHash } from "node:crypto";
import { Fault } from "#internal/fault/fault.ts";

/**
 * LMDB takes 1,978 bytes a key, and the order of use stores the key with a stamp before it. Longer keys are folded, and every folded
 * key is longer than this: none equals a key that is stored as it is.
 */
const MAX_BYTES = 1_800;

/** @throws Fault ARGUMENT_INVALID when the key is empty, holds NUL, or is no well-formed Unicode (two such keys would be one in UTF-8). */
export function assertKey(key: string): void {
  if (key !== "" && !key.includes("\0") && key.isWellFormed()) return;
  const message = `${JSON.stringify(key.slice(0, 200))} is no cache key: a key is not empty, has no NUL and is well-formed Unicode`;
  throw new Fault("ARGUMENT_INVALID", message, { field: "key" });
}

/** What the index stores for `key`: itself, or when it is too long a readable prefix and its digest. Keys up to 1,800 bytes keep their order. */
export function storedKey(key: string): string {
  // A UTF-16 unit takes at most 3 bytes: short keys, all of them in practice, are not measured.
  if (key.length * 3 <= MAX_BYTES || Buffer.byteLength(key) <= MAX_BYTES) return key;
  return readablePrefix(key) + createHash("sha256").update(key).digest("hex");
}

/** Every stored key of a key that begins with `prefix` begins with this. */
export function storedPrefix(prefix: string): string {
  return Buffer.byteLength(prefix) <= MAX_BYTES ? prefix : readablePrefix(prefix);
}

/** At most MAX_BYTES of UTF-8, cut between characters. */
function readablePrefix(key: string): string {
  const bytes = Buffer.from(key);
  let end = MAX_BYTES;
  while (((bytes[end] ?? 0) & 0xc0) === 0x80) end--;
  return bytes.toString("utf8", 0, end);
}
