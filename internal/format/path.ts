// Backslashes are slashes to some upstreams; controls (C0, DEL, C1) have no business in a name.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const FORBIDDEN = /[/\\\u0000-\u001f\u007f-\u009f]/;
const PRINTABLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * One percent-encoded path segment, decoded once.
 *
 * Undefined: it is empty, malformed, "." or "..", or holds a slash, backslash or control character, plain or encoded. Raw
 * bytes beyond ASCII are malformed too: HTTP wants them percent-encoded.
 */
export function decodeSegment(segment: string): string | undefined {
  if (!PRINTABLE_ASCII.test(segment)) return undefined;
  const decoded = percentDecoded(segment);
  if (decoded === undefined || decoded === "." || decoded === ".." || FORBIDDEN.test(decoded)) return undefined;
  return decoded;
}

function percentDecoded(segment: string): string | undefined {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/**
 * The decoded segments of a relative path. A trailing slash gives a last segment "" ("simple/" is `["simple", ""]`, "" is `[""]`).
 *
 * Undefined: a segment is refused by `decodeSegment`, or is empty before the end.
 */
export function segmentsOf(path: string): string[] | undefined {
  const raw = path.split("/");
  const segments: string[] = [];
  for (const [index, segment] of raw.entries()) {
    const decoded = segment === "" && index === raw.length - 1 ? "" : decodeSegment(segment);
    if (decoded === undefined) return undefined;
    segments.push(decoded);
  }
  return segments;
}

/** What `encodeSegment` leaves as it is: nearly every name. */
const LITERAL = /^[\w.!~*'()+@$&,=-]*$/;

/** A decoded segment (well-formed Unicode) as upstream paths carry it. `+`, `~` and `@` stay literal: Maven, Debian and npm servers expect them so. */
export function encodeSegment(segment: string): string {
  if (LITERAL.test(segment)) return segment;
  // ":" stays encoded: `new URL("http:x", base)` would leave the base. So does ";": some servers cut parameters off there.
  return encodeURIComponent(segment).replace(/%(?:2B|40|24|26|2C|3D)/g, decodeURIComponent);
}

/** Decoded segments as one relative upstream path. */
export function encodePath(segments: readonly string[]): string {
  return segments.map(encodeSegment).join("/");
}
