import fc from "fast-check";
import type { FormatRequest } from "./format.ts";

/** Names that broke others: prototype members, dot segments, encoded slashes, path parameters, schemes. */
const HOSTILE_SEGMENTS: readonly string[] = [
  ...["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "valueOf"],
  ...[
    "",
    ".",
    "..",
    "...",
    "-",
    "_",
    "%2e%2e",
    ".%2E",
    "..%2f..%2fetc",
    "x%2f..%2fy",
    "%252e%252e%252f",
    "%2f",
    "%5c",
    "a\\b",
  ],
  ...[
    "%00",
    "a%0d%0ab",
    "%",
    "%zz",
    "%C0%AE",
    "%ED%A0%80",
    ";v=1",
    "x;v=1",
    "%3f",
    "%23",
    "a:b",
    "http:",
    "http:%2f%2fx",
    "@",
    "@%2f",
  ],
  ...[
    "@s",
    "%40s%2fn",
    "@__proto__%2fconstructor",
    "a+b",
    "a%2Bb",
    "~",
    "é",
    "%C3%A9",
    "e%CC%81",
    "a".repeat(300),
    "a".repeat(3000),
  ],
];

const segment = fc.oneof(
  fc.constantFrom(...HOSTILE_SEGMENTS),
  fc.string({ unit: "binary-ascii", maxLength: 12 }),
  fc.string({ unit: "grapheme", maxLength: 8 }).map((text) => encodeURIComponent(text.toWellFormed())),
);

/** Requests that are nothing, almost something, or one mutation away from one of `paths`. */
export function hostileRequests(paths: readonly string[]): fc.Arbitrary<FormatRequest> {
  const wild = fc.array(segment, { maxLength: 6 }).map((segments) => segments.join("/"));
  const mutated = fc.tuple(fc.constantFrom("", ...paths), fc.nat(), segment).map(([path, at, other]) => {
    const segments = path.split("/");
    return segments.with(at % segments.length, other).join("/");
  });
  const suffixed = fc.tuple(fc.constantFrom("", ...paths), segment).map(([path, other]) => path + other);
  return fc.record({
    method: fc.constantFrom("GET", "GET", "HEAD", "POST", "PUT", "DELETE"),
    path: fc.oneof(wild, mutated, suffixed),
    query: fc.oneof(fc.constant(""), fc.string(), fc.constant("text=__proto__&size=99999999&from=-1&size=%zz")),
    headers: fc.oneof(fc.constant({}), fc.record({ accept: fc.string() })),
    caller: fc.constantFrom(undefined, "alice"),
  });
}
