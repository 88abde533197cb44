import type { Fault } from "#internal/fault/fault.ts";

/** Asks an upstream. The only way out of Larder. */
export interface Upstream {
  /**
   * Resolves with a definite answer: 200, 203, 206, 304, 404, 410 (and other 2xx, which callers refuse).
   * @throws Fault UPSTREAM_UNAVAILABLE (no connection, time-out, reset, 5xx, open breaker), UPSTREAM_RATE_LIMITED (429),
   * UPSTREAM_REFUSED (401, 403, 407), UPSTREAM_FORBIDDEN (address rules, redirects), UPSTREAM_INVALID (other statuses, redirect loops).
   */
  request(request: UpstreamRequest): Promise<UpstreamResponse>;
  /**
   * Tries name resolution, connection and, for https, TLS, by the same rules and without a request; ends after the first that fails.
   * Yields nothing when a proxy does all that.
   * Rejects with the signal's reason when that is no Fault.
   */
  probe(url: string, access: UpstreamAccess, signal?: AbortSignal): AsyncIterable<ProbeStep>;
  /** Breakers and counters of each origin that was contacted. */
  status(): UpstreamStatus[];
  close(): Promise<void>;
}

export interface UpstreamRequest {
  readonly method: "GET" | "HEAD" | "POST";
  /** Absolute http(s) URL. */
  readonly url: string;
  /** What to accept, validators, range. Nothing of the client's is ever passed on. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Breakers are kept per origin and class: broken files do not stop documents. */
  readonly pathClass: "document" | "file" | "query";
  readonly access: UpstreamAccess;
  readonly signal?: AbortSignal;
}

/** What the repository allows this request to do. */
export interface UpstreamAccess {
  /** The repository's upstream URL: the credential goes to its scheme + host + port only. */
  readonly baseUrl: string;
  readonly credential: UpstreamCredential | undefined;
  /** The operator chose this origin: its private addresses are allowed. Redirects to other origins are judged as untrusted. */
  readonly trusted: boolean;
}

/** One step of the way to an upstream. */
export interface ProbeStep {
  readonly step: "dns" | "connect" | "tls";
  readonly durationMs: number;
  /** Why it failed. */
  readonly fault?: Fault;
}

/** Same shape as `Credential` of repository/. */
export type UpstreamCredential =
  | { readonly kind: "basic"; readonly username: string; readonly password: string }
  | { readonly kind: "bearer"; readonly token: string }
  | { readonly kind: "header"; readonly name: string; readonly value: string };

export interface UpstreamResponse {
  readonly status: number;
  /** Lower-case names, repeated ones joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** After redirects. */
  readonly url: string;
  /**
   * Raw bytes, content coding left on. Iterating throws Fault UPSTREAM_UNAVAILABLE when the body breaks, stalls or drips below the minimum
   * rate. Not iterating it to the end must be followed by `discard`.
   */
  readonly body: AsyncIterable<Buffer>;
  discard(): Promise<void>;
}

export interface UpstreamStatus {
  readonly origin: string;
  readonly pathClass: string;
  readonly breaker: "closed" | "open" | "half-open";
  readonly requests: number;
  readonly failures: number;
}
