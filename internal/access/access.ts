import { createHash, timingSafeEqual } from "node:crypto";
import { Fault } from "#internal/fault/fault.ts";
import type { Repository } from "#internal/repository/repository.ts";

/** Who is calling. */
export type Caller = { readonly kind: "anonymous" } | { readonly kind: "admin"; readonly name: string };

export const ANONYMOUS: Caller = { kind: "anonymous" };

/** What the caller wants with a repository: read its packages, publish to it, or change the repository itself. */
export type Verb = "READ" | "WRITE" | "MANAGE";

export interface Decision {
  readonly allowed: boolean;
  /** The rule that decided, e.g. "public". */
  readonly rule: string;
  /** One sentence for people. */
  readonly reason: string;
}

/** The one decision of who may do what; HTTP and gRPC both ask it. */
export function decide(caller: Caller, repository: Repository, verb: Verb): Decision {
  if (caller.kind === "admin") return { allowed: true, rule: "admin", reason: "administrators may do everything" };
  if (verb === "READ" && repository.visibility === "PUBLIC") {
    return { allowed: true, rule: "public", reason: "everybody may read a public repository" };
  }
  return { allowed: false, rule: "default", reason: `nothing allows an anonymous caller to ${verb} this repository` };
}

/** Turns the value of an `Authorization` header into a caller. */
export type Authenticate = (authorization: string | undefined) => Caller;

/**
 * Knows one token: the administrator's. It comes as `Bearer <token>`, or as the password of Basic (RFC 7617).
 * The returned function throws Fault UNAUTHENTICATED for any other credential.
 */
export function createAuthenticate(adminToken: string): Authenticate {
  const expected = sha256(adminToken);
  return (authorization) => {
    if (authorization === undefined) return ANONYMOUS;
    const token = tokenOf(authorization);
    // Both sides are digests, so their length tells nothing of the token's.
    if (token !== undefined && timingSafeEqual(sha256(token), expected)) return { kind: "admin", name: "admin" };
    throw new Fault("UNAUTHENTICATED", "the credential is not known to Larder");
  };
}

function tokenOf(authorization: string): string | undefined {
  const { scheme, value } = /^(?<scheme>\w+) +(?<value>\S+)$/.exec(authorization)?.groups ?? {};
  if (value === undefined) return undefined;
  if (scheme?.toLowerCase() === "bearer") return value;
  if (scheme?.toLowerCase() !== "basic") return undefined;
  const pair = Buffer.from(value, "base64").toString();
  return pair.includes(":") ? pair.slice(pair.indexOf(":") + 1) : undefined;
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
