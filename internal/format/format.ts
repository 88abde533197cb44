import type { Standing } from "./standing.ts";

/**
 * One registry protocol as pure functions: no network, no disk, no clock. Whatever differs between registries stands here,
 * so that no other room ever compares a format's id.
 */
export interface Format {
  /** Value of `Repository.format`, and the id of an adopted repository. */
  readonly id: string;
  /** What a person calls it, e.g. "PyPI". */
  readonly label: string;
  /** The client programs that speak it. */
  readonly clients: readonly string[];
  /** Its documents by kind. A route names one of them. */
  readonly documents: Readonly<Record<string, DocumentKind>>;
  /** Understands one request. Undefined: not a path of this registry, so 404 without an upstream call. */
  route(request: FormatRequest): Route | undefined;
  /** The URL that users mean: trailing slash added, `/index.yaml` cut off and the like. `url` is absolute http(s). */
  canonicalUrl(url: URL): string;
  /** A refusal in the channel that its clients print (protocols.md §0.1). */
  refuse(refusal: Refusal): RefusalBody;
  /** Text that a user pastes to use the repository at `repositoryUrl` (ends in "/"). */
  snippets(repositoryUrl: string): readonly Snippet[];
  /** Where this machine's clients keep their upstream, best source first. */
  readonly adoptions: readonly Adoption[];
  /** How ValidateRepository tests an upstream: the documents to try, the first that is there decides. */
  readonly probes: readonly DocumentRef[];
  /** Ascending order of two versions of a package, total; absent: the format has no order of its own. */
  compareVersions?(left: string, right: string): number;
  /** Present when the upstream has one document that lists everything. */
  readonly index?: IndexDocument;
}

/** A request below `/<repository>/`, as the format needs it. */
export interface FormatRequest {
  readonly method: string;
  /** Below the repository, without leading slash, still percent-encoded; dot segments, backslashes and NUL were refused before. */
  readonly path: string;
  /** Without "?", "" when there is none. */
  readonly query: string;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Who asks, undefined when anonymous. */
  readonly caller: string | undefined;
}

export type Route = DocumentRoute | FileRoute | QueryRoute | AnswerRoute | RedirectRoute;

/** A mutable upstream document, sent in one of its representations. */
export interface DocumentRoute {
  readonly kind: "document";
  readonly document: DocumentRef;
  /** Which form the client wants, e.g. "full", "abbreviated", "version/1.2.3". Argument of `ParsedDocument.represent`. */
  readonly representation: string;
}

/** Names one upstream document. */
export interface DocumentRef {
  /** Key in `Format.documents`. */
  readonly kind: string;
  /** Unique in its repository; part of the cache key. At most 1,024 bytes. */
  readonly key: string;
  /** Relative to `Repository.upstreamUrl`, percent-encoded, with its query if it has one. */
  readonly upstreamPath: string;
  readonly packageName?: string;
}

/** Bytes that are kept as they come. */
export interface FileRoute {
  readonly kind: "file";
  /** Path below our repository, decoded and canonical: cache key and key of its announcement. At most 1,024 bytes. */
  readonly path: string;
  /** The document that announces its digest and address. Absent: `upstreamPath` says where it is, and the first digest seen is pinned. */
  readonly announcedBy?: DocumentRef;
  /** Relative to the upstream URL; used when nothing announces the file. */
  readonly upstreamPath?: string;
  /** True: the file may change upstream, so it is revalidated like a document (raw files). */
  readonly mutable: boolean;
  /** Fallback when the upstream names no content type. */
  readonly contentType: string;
  readonly packageName?: string;
  readonly version?: string;
}

/** A question whose answer depends on a request body (npm audit): cached by the body's digest, sent as the representation "answer". */
export interface QueryRoute {
  readonly kind: "query";
  readonly document: DocumentRef;
}

/** Answered by Larder itself. */
export interface AnswerRoute {
  readonly kind: "answer";
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** 301 to another path of the same repository, e.g. a name that is not normalised. `location` is relative to the repository. */
export interface RedirectRoute {
  readonly kind: "redirect";
  readonly location: string;
}

/** How one kind of upstream document is asked for, checked and turned into what clients get. */
export interface DocumentKind {
  /** Accept header sent upstream. */
  readonly accept: string;
  /** How long it is fresh; "repository": the repository's metadata TTL. */
  readonly ttlMs: number | "repository";
  /** Where its documents lie when that is beside the upstream URL instead of below it: a fixed folder such as "../pypi/". */
  readonly beside?: string;
  /** Bytes after decoding; more is LIMIT_EXCEEDED. */
  readonly maxBytes: number;
  /**
   * Reads the upstream's body.
   * @throws Fault UPSTREAM_INVALID when it is not such a document (a login page, an empty body).
   */
  parse(source: DocumentSource): ParsedDocument;
}

export interface DocumentSource {
  readonly body: Buffer;
  readonly contentType: string;
  /** Where it was read, after redirects: the base of relative addresses. */
  readonly url: string;
  /** Where it was asked for, when redirects led elsewhere: Helm's relative addresses hang on this one. */
  readonly requestedUrl?: string;
  readonly ref: DocumentRef;
}

export interface ParsedDocument {
  /** Every file that the document announces. */
  announcements(): Iterable<Announcement>;
  /** For documents that a later one may not fall behind. Undefined or absent: any may follow. */
  standing?(): Standing | undefined;
  /** For a list that announces nothing itself: the documents that do, to look into some of them. */
  samples?(): Iterable<DocumentRef>;
  /** Undefined: this representation does not exist (a version that is not in the document), so 404. */
  represent(representation: string, context: RepresentContext): Representation | undefined;
}

export interface RepresentContext {
  /** Our own base URL of the repository, ends in "/". */
  readonly repositoryUrl: string;
}

export interface Representation {
  readonly contentType: string;
  readonly body: Buffer | string;
}

/** Hex digests by algorithm, as a document announces them. */
export type Digests = Partial<Readonly<Record<DigestAlgorithm, string>>>;
export type DigestAlgorithm = "sha512" | "sha384" | "sha256" | "sha1" | "md5";

/** What a document says of one file. */
export interface Announcement {
  /** `FileRoute.path` of the file. */
  readonly path: string;
  /** Absolute address upstream. Data, not a destination: the mirror checks its origin. */
  readonly upstreamUrl: string;
  readonly digests: Digests;
  readonly sizeBytes?: number;
  readonly packageName?: string;
  readonly version?: string;
  /** ISO 8601, as the upstream tells it. */
  readonly publishTime?: string;
}

export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** Machine word, a `Reason` of fault/. */
  readonly reason: string;
  /** One sentence for people. */
  readonly message: string;
}

export interface RefusalBody {
  readonly contentType: string;
  readonly body: string;
}

/** One pasteable piece of client configuration. */
export interface Snippet {
  /** e.g. "npm", "pip", "uv". */
  readonly client: string;
  /** Shell commands or file content. */
  readonly text: string;
}

/** One place where a client of this machine may keep its upstream. */
export type Adoption =
  | {
      /** Runs a program (no shell) and reads what it prints. */
      readonly kind: "command";
      readonly command: readonly string[];
      /** For people, where the command itself says little. */
      readonly label?: string;
      /** Upstreams named in standard output. */
      read(text: string): readonly AdoptedUpstream[];
    }
  | {
      readonly kind: "file";
      /** "~/" is the home folder. */
      readonly path: string;
      read(text: string): readonly AdoptedUpstream[];
    }
  | { readonly kind: "environment"; readonly variable: string; read(text: string): readonly AdoptedUpstream[] };

export interface AdoptedUpstream {
  /** Absolute http(s) URL, without user information. */
  readonly url: string;
  /** Repository id to use; absent: the format's id. */
  readonly repositoryId?: string;
  /** Origins where this upstream keeps its files, when the client knows. */
  readonly fileOrigins?: readonly string[];
}

/** The document that lists everything, and how to read packages and versions out of it. */
export interface IndexDocument {
  readonly document: DocumentRef;
  /**
   * Streams what the index lists. Never throws for one bad entry: that is an `issue`.
   * @throws Fault UPSTREAM_INVALID when the whole is not an index; LIMIT_EXCEEDED when it is larger or deeper than Larder takes.
   */
  read(source: DocumentSource): Iterable<IndexItem>;
}

export type IndexItem =
  | { readonly kind: "package"; readonly package: IndexedPackage }
  | { readonly kind: "issue"; readonly packageName: string; readonly version?: string; readonly message: string };

export interface IndexedPackage {
  readonly name: string;
  readonly description: string;
  readonly deprecated: boolean;
  readonly versions: readonly IndexedVersion[];
}

export interface IndexedVersion {
  readonly version: string;
  readonly appVersion?: string;
  /** As announced, with algorithm: "sha256:…"; undefined when the index has none. */
  readonly digest?: string;
  readonly publishTime?: string;
  readonly deprecated: boolean;
  /** Canonical JSON of all that the index says of it; a change of it is an update. */
  readonly metadata: string;
}
