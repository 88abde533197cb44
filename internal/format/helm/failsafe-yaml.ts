import { parseDocument } from "yaml";
import { Fault } from "#internal/fault/fault.ts";

/** The library takes up to a second and 50 MB for each million; regular indexes never get here as a whole. */
const MAX_TEXT_LENGTH = 8 * 1024 * 1024;
const MAX_ALIASES = 100;

/**
 * YAML whose scalars stay the text that the author wrote: `1.10` is "1.10", `true` is "true"; only `null`, `~` and nothing are null.
 * Anchors are followed a bounded number of times; merge keys are plain keys.
 * @throws Fault UPSTREAM_INVALID when it is not one YAML document; LIMIT_EXCEEDED when it is longer than Larder parses at once.
 */
export function parseFailsafeYaml(text: string): unknown {
  if (text.length > MAX_TEXT_LENGTH) {
    throw new Fault(
      "LIMIT_EXCEEDED",
      `${text.length} characters of irregular YAML are more than Larder parses at once`,
    );
  }
  try {
    const document = parseDocument(text, {
      schema: "failsafe",
      customTags: (tags) => [...tags, "null"],
      merge: false,
      // Last one wins, as in JSON; the check would be quadratic.
      uniqueKeys: false,
      prettyErrors: false,
      logLevel: "silent",
    });
    if (document.errors[0]) throw document.errors[0];
    return document.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    throw new Fault("UPSTREAM_INVALID", `not readable as YAML: ${cause}`, {}, { cause: error });
  }
}
