import type { Credential, Repository, Visibility } from "#internal/repository/repository.ts";

/** The rules of creating and changing repositories: checks fields, validates the upstream, then writes. */
export interface RepositoryManager {
  /**
   * Creates a repository after validating its upstream.
   * @throws Fault ARGUMENT_INVALID with the field; REPOSITORY_EXISTS; REPOSITORY_INVALID when a step failed and `allowInvalid` is not set.
   */
  create(input: RepositoryInput, options: CreateOptions, actor: string): Promise<Repository>;
  /**
   * Changes the fields that are present; a changed upstream is validated first, with the stored credential. An upstream of another origin
   * (scheme, host, port) is not sent that credential: it belongs to the old one, and is cleared with the change.
   * @throws Fault REPOSITORY_NOT_FOUND; ETAG_STALE; and those of `create`.
   */
  update(id: string, changes: RepositoryChanges, options: UpdateOptions, actor: string): Promise<Repository>;
  /**
   * Tries an upstream: one step after the other as it ends, then the preview. A step that fails is not an error; the steps that need it are
   * SKIPPED. Stops when `signal` does.
   * @throws Fault REPOSITORY_NOT_FOUND for a stored repository that is not there; ARGUMENT_INVALID for an unknown format.
   */
  validate(input: ValidationInput, signal: AbortSignal): AsyncIterable<ValidationStep | ValidationPreview>;
}

/** What a caller may say of a new repository. */
export interface RepositoryInput {
  readonly id: string;
  /** `Format.id`. */
  readonly format: string;
  readonly upstreamUrl: string;
  /** "": the id. */
  readonly displayName: string;
  readonly description: string;
  readonly fileOrigins: readonly string[];
  /** Undefined: PRIVATE. */
  readonly visibility: Visibility | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** 0: only when asked. */
  readonly syncIntervalMs: number;
  /** Undefined: the server's default. */
  readonly metadataTtlMs: number | undefined;
}

export interface CreateOptions {
  /** Create it even when its upstream does not answer as it should: UNREACHABLE. */
  readonly allowInvalid: boolean;
  /** Used by the validation and stored with the repository. */
  readonly credential: Credential | undefined;
  /** The machine's operator chose the upstream (adopted, configuration file). Default false; no caller can set it. */
  readonly upstreamTrusted?: boolean;
  /** The repository is to be OFFLINE: its upstream is not asked, which fails the validation. Default false. */
  readonly offline?: boolean;
}

/** Fields to change; one that is absent stays as it is. `metadataTtlMs: undefined` is the server's default, `visibility: undefined` PRIVATE. */
export type RepositoryChanges = Partial<Omit<RepositoryInput, "id" | "format">>;

export interface UpdateOptions {
  /** Must be the stored `Repository.version` when given. */
  readonly etagVersion: number | undefined;
  readonly allowInvalid: boolean;
  /** Replaces the stored one, with the other changes; undefined: it stays. */
  readonly credential?: Credential | undefined;
  /** As in `CreateOptions`. Default: as stored, but false for an upstream of another origin. */
  readonly upstreamTrusted?: boolean;
}

/** An upstream as described, or that of a repository as it is stored, with its credential. */
export type ValidationInput =
  | {
      readonly kind: "described";
      /** "": found out by trying each. */
      readonly format: string;
      readonly upstreamUrl: string;
      readonly credential: Credential | undefined;
    }
  | { readonly kind: "stored"; readonly repositoryId: string };

/** In the order in which they are tried. */
export const VALIDATION_STEPS = [
  "parse",
  "scheme",
  "dns",
  "connect",
  "tls",
  "auth",
  "index_fetch",
  "index_parse",
  "format_match",
] as const;
export type ValidationStepId = (typeof VALIDATION_STEPS)[number];
export type ValidationStatus = "PASSED" | "FAILED" | "SKIPPED";

/** One thing that was tried. No text holds a secret. */
export interface ValidationStep {
  readonly kind: "step";
  readonly id: ValidationStepId;
  readonly status: ValidationStatus;
  /** A `Reason` of fault/; "" when it passed. */
  readonly reason: string;
  /** What was seen, for people. */
  readonly message: string;
  readonly durationMs: number;
  /** What to do about it; "" when it passed. */
  readonly hint: string;
}

/** What a repository with this upstream would be. Ends the stream. */
export interface ValidationPreview {
  readonly kind: "preview";
  /** Every step passed or was not needed. */
  readonly valid: boolean;
  /** "": none was recognised. */
  readonly detectedFormat: string;
  readonly canonicalUrl: string;
  /** 0 when the format has no index of everything. */
  readonly packageCount: number;
  readonly versionCount: number;
  /** Of the document that was read. */
  readonly indexBytes: number;
  /** Origins besides the upstream's own that the document names for files. */
  readonly fileOrigins: readonly string[];
}
