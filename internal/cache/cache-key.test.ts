import fc from "fast-check";
import { expect, test } from "vitest";
import { storedKey, storedPrefix } from "./cache-key.ts";

/** Short and long ones, with characters of every length at the place where a key is cut. */
const key = fc
  .tuple(
    fc.constantFrom(0, 1, 1_795, 1_796, 1_797, 1_798, 1_799, 1_800, 3_000),
    fc.string({ unit: "grapheme", minLength: 1 }),
  )
  .map(([length, end]) => "k".repeat(length) + end);

test("a stored key fits, and no two keys share one", () => {
  fc.assert(
    fc.property(key, key, (one, other) => {
      expect(Buffer.byteLength(storedKey(one))).toBeLessThanOrEqual(1_900);
      expect(storedKey(one) === storedKey(other)).toBe(one === other);
      // The stored form of a long key, taken for a key, is another key.
      if (storedKey(one) !== one) expect(storedKey(storedKey(one))).not.toBe(storedKey(one));
    }),
  );
});

test("a key that begins with a prefix is stored below the stored prefix", () => {
  fc.assert(
    fc.property(key, fc.string({ unit: "grapheme" }), (prefix, rest) => {
      expect(storedKey(prefix + rest).startsWith(storedPrefix(prefix))).toBe(true);
    }),
  );
});
