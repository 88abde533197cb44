import type { Format } from "#internal/format/format.ts";

const NONSENSE = Buffer.from("\u0001 no document of any registry");
const known = new WeakMap<Format, boolean>();

/**
 * Whether the format believes every answer (plain files have no protocol): such a format cannot be recognised by an answer,
 * and that somebody answers is all that it needs.
 */
export function takesAnything(format: Format): boolean {
  const before = known.get(format);
  if (before !== undefined) return before;
  const now = format.probes.every((ref) => {
    try {
      const source = { body: NONSENSE, contentType: "application/octet-stream", url: "http://registry.example/", ref };
      format.documents[ref.kind]?.parse(source);
      return true;
    } catch {
      return false;
    }
  });
  known.set(format, now);
  return now;
}
