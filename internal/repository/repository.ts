import { Fault } from "#internal/fault/fault.ts";

/** Who may read: everybody; signed-in callers whose selectors match the labels; owner and grants only. */
export type Visibility = "PUBLIC" | "INTERNAL" | "PRIVATE";
/** OFFLINE: nothing goes to the upstream; what is absent says so. */
export type UpstreamMode = "ONLINE" | "OFFLINE";
export type RepositoryMode = "PROXY";
/** UNREACHABLE: created with `allow_invalid` although its upstream did not answer as it should. DELETED: until undeleted or its id is taken again. */
export type RepositoryState = "ACTIVE" | "UNREACHABLE" | "DELETED";

/** One upstream registry, seen through Larder. Plain data; its credential never is part of it. */
export interface Repository {
  /** Last segment of `repositories/{repository}`, and the first path segment of the gateway. */
  readonly id: string;
  /** Unique for ever: a repository that takes a deleted one's id gets another uid. Prefix of its cache keys. */
  readonly uid: string;
  /** `Format.id`. */
  readonly format: string;
  readonly displayName: string;
  readonly description: string;
  /** Absolute http(s) URL, ends in "/". */
  readonly upstreamUrl: string;
  /** Origins (scheme://host[:port]) besides the upstream's own that its documents may send us to for files. */
  readonly fileOrigins: readonly string[];
  /** The machine's operator chose this upstream (adopted, or in the configuration file): private addresses are allowed. */
  readonly upstreamTrusted: boolean;
  readonly visibility: Visibility;
  readonly owner: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly mode: RepositoryMode;
  /** How often the index is read; 0 = only when asked. */
  readonly syncIntervalMs: number;
  /** How long a document is fresh; undefined = the server's default (LARDER_METADATA_TTL). */
  readonly metadataTtlMs: number | undefined;
  readonly upstreamMode: UpstreamMode;
  readonly state: RepositoryState;
  readonly hasCredential: boolean;
  /** Row version, starting at 1. The etag. */
  readonly version: number;
  readonly createTime: Date;
  readonly updateTime: Date;
  readonly deleteTime: Date | undefined;
}

/** Secret for an upstream. Lives encrypted in the database and in the memory of the mirror, nowhere else. */
export type Credential =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "bearer"; readonly token: string }
  | { readonly kind: "header"; readonly name: string; readonly value: string };

/** Ids that would collide with paths of the gateway or read like a mistake. */
const RESERVED_IDS: ReadonlySet<string> = new Set([
  "repository",
  "repositories",
  "api",
  "con",
  "nul",
  "v2",
  "favicon.ico",
  "robots.txt",
]);
const ID = /^[a-z0-9][a-z0-9._-]{0,62}$/;

/** @throws Fault ARGUMENT_INVALID when `id` may not name a repository. */
export function checkRepositoryId(id: string): string {
  const fact = { field: "repository_id" };
  if (!ID.test(id)) {
    throw new Fault("ARGUMENT_INVALID", `repository id "${id.slice(0, 80)}" must match ${ID.source}`, fact);
  }
  if (RESERVED_IDS.has(id)) throw new Fault("ARGUMENT_INVALID", `repository id "${id}" is reserved`, fact);
  return id;
}
