import { Fault } from "#internal/fault/fault.ts";

/** Where a request points: a repository and a path below it. */
export interface RequestTarget {
  readonly repositoryId: string;
  /** Percent-encoded as received, without leading slash. */
  readonly path: string;
  /** Without "?". */
  readonly query: string;
}

const MAX_TARGET_BYTES = 4_096;
// Paths keep working that lock files hold from a common repository manager.
const ALIAS = "/repository/";
const FORBIDDEN = /[\\\p{Cc}]|%(?![0-9a-f]{2})|%(?:00|5c|0a|0d)/iu;
const DOT_SEGMENT = /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/i;

/**
 * Reads the request target (RFC 9112 §3.2), origin-form only: Larder is no proxy.
 * @throws Fault ARGUMENT_INVALID, REQUEST_TOO_LARGE.
 */
export function parseTarget(target: string): RequestTarget {
  if (target.length > MAX_TARGET_BYTES) {
    throw new Fault("REQUEST_TOO_LARGE", `the request target is longer than ${MAX_TARGET_BYTES} bytes`, {
      part: "target",
    });
  }
  if (!target.startsWith("/")) throw new Fault("ARGUMENT_INVALID", "the request target must begin with /");
  const question = target.indexOf("?");
  const whole = question === -1 ? target : target.slice(0, question);
  if (FORBIDDEN.test(target))
    throw new Fault("ARGUMENT_INVALID", "the request target has a malformed or forbidden character");
  if (DOT_SEGMENT.test(whole)) throw new Fault("ARGUMENT_INVALID", "the request target has a dot segment");

  const below = whole.startsWith(ALIAS) ? whole.slice(ALIAS.length) : whole.slice(1);
  const slash = below.indexOf("/");
  return {
    repositoryId: slash === -1 ? below : below.slice(0, slash),
    path: slash === -1 ? "" : below.slice(slash + 1),
    query: question === -1 ? "" : target.slice(question + 1),
  };
}
