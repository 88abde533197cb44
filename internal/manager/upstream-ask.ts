import type { Format } from "#internal/format/format.ts";
import type { Credential } from "#internal/repository/repository.ts";
import type { Upstream } from "#internal/upstream/upstream.ts";

/** What is known of an upstream that is to be validated. */
export interface UpstreamAsk {
  /** "": found out by trying each. */
  readonly format: string;
  readonly upstreamUrl: string;
  readonly credential: Credential | undefined;
  /** The operator chose it: private addresses are allowed. */
  readonly trusted: boolean;
  /** Nothing may go to it: its repository is OFFLINE. */
  readonly offline?: boolean;
}

/** What a validation is made with. */
export interface ValidationDeps {
  readonly upstream: Upstream;
  readonly formats: ReadonlyMap<string, Format>;
  /** Larger documents are LIMIT_EXCEEDED, whatever their kind allows. */
  readonly documentMaxBytes: number;
  /** For a whole validation. */
  readonly deadlineMs: number;
  /** Monotonic. */
  nowMs(): number;
}
