/** Bytes on disk by digest and the index that names them. Shared by the processes of one machine, safe against kill -9. */
export interface Cache {
  /** About a microsecond: this is the hit path. */
  find(key: string): Entry | undefined;
  /**
   * Durable when it resolves; the blobs it names must be committed before. Replaces an entry of the same key. An entry whose own blobs
   * are larger than the whole cache is not kept: it resolves, nothing is stored, the blobs go.
   * @throws Fault ARGUMENT_INVALID (the key is empty, holds NUL or is no well-formed Unicode), STORAGE_UNAVAILABLE (the blobs go too).
   */
  put(entry: Entry): Promise<void>;
  /** Changes the stored entry atomically (`change` may not change the key, and runs once); resolves to what is stored then, undefined when the key is not there. */
  update(key: string, change: (entry: Entry) => Entry): Promise<Entry | undefined>;
  /** Resolves to whether it was there. Its blobs go as soon as no other entry names them. */
  remove(key: string): Promise<boolean>;
  /** In key order (of UTF-8; keys of more than 1,800 bytes by their first 1,800), after `after`, at most `limit` of those that begin with `prefix`. */
  list(prefix: string, after: string | undefined, limit: number): Entry[];
  /** Marks the entry as used now; cheap, written behind. */
  touch(key: string): void;

  /** Records what documents say of files, below `scope` (a repository's uid). Replaces the announcement of the same path. */
  announce(scope: string, announcements: Iterable<StoredAnnouncement>): Promise<void>;
  findAnnouncement(scope: string, path: string): StoredAnnouncement | undefined;

  /**
   * A temporary file in the cache's tree; nothing of it is visible before `commit`. A committed blob is kept for an hour for its entry.
   * @throws Fault STORAGE_UNAVAILABLE with `code` in its facts, as the writer's methods do: ENOSPC already when less than 64 MiB are free.
   */
  createBlob(): Promise<BlobWriter>;
  /** Undefined when the blob is gone or has not its size: the caller treats its entry as absent. The handle survives an eviction. */
  openBlob(digest: string): Promise<BlobReader | undefined>;
  /** For small blobs: the whole body. Undefined when it is gone. */
  readBlob(digest: string): Promise<Buffer | undefined>;
  /**
   * Reads the whole blob. A rotten one is taken from its place: its entries stay, and whoever wants it finds it gone.
   * @throws Fault STORAGE_UNAVAILABLE when nobody can tell.
   */
  verifyBlob(blob: BlobRef): Promise<BlobState>;
  /** Where the blob is, for readers in other threads. Throws RangeError when `digest` is none. */
  blobPath(digest: string): string;

  stats(): CacheStats;
  close(): Promise<void>;
}

/** One object in the cache: a document's original with its representations, a file, or the memory of a definite 404. */
export interface Entry {
  /** `<repository uid>/<document|file|query>/<key of the route>`. */
  readonly key: string;
  readonly kind: "document" | "file" | "query";
  /** 200, or 404/410 for a negative entry, which has no blob. */
  readonly status: number;
  /** The upstream's bytes, decoded once. */
  readonly blob: BlobRef | undefined;
  readonly contentType: string;
  /** Where it was fetched, after redirects. */
  readonly upstreamUrl: string;
  /** The upstream's validators, for conditional requests to that URL. */
  readonly upstreamEtag: string | undefined;
  readonly upstreamLastModified: string | undefined;
  readonly storedAtMs: number;
  /** When the upstream last confirmed it. `Age` counts from here. */
  readonly checkedAtMs: number;
  /** undefined: for ever (immutable files). */
  readonly freshForMs: number | undefined;
  readonly packageName: string | undefined;
  readonly version: string | undefined;
  /** Derived bodies by `representationKey`; made once, replaced with the original. */
  readonly representations: Readonly<Record<string, StoredRepresentation>>;
}

export interface BlobRef {
  /** Lower-case hex SHA-256 of the bytes. */
  readonly digest: string;
  readonly sizeBytes: number;
}

/** Rotten: other bytes, more or fewer than were stored, or unreadable. */
export type BlobState = "intact" | "rotten" | "missing";

export interface StoredRepresentation {
  /** Undefined: this representation does not exist in the document (404). */
  readonly blob: BlobRef | undefined;
  readonly contentType: string;
  readonly encoding: "identity" | "gzip" | "br" | "zstd";
}

/** As `Announcement` of format/, stored. */
export interface StoredAnnouncement {
  readonly path: string;
  readonly upstreamUrl: string;
  /** Hex by algorithm: sha512, sha384, sha256, sha1, md5. */
  readonly digests: Readonly<Partial<Record<string, string>>>;
  readonly sizeBytes?: number;
  readonly packageName?: string;
  readonly version?: string;
  readonly publishTime?: string;
}

export interface BlobWriter {
  /** Growing file: readers may pread what `writtenBytes` says is there. */
  readonly path: string;
  readonly writtenBytes: number;
  /** Resolves when the bytes are in the file (not yet durable). */
  write(chunk: Uint8Array): Promise<void>;
  /** fsync, rename to its digest's place, fsync the folder. The digest is SHA-256 over what was written. */
  commit(): Promise<BlobRef>;
  /** Removes the file; may be called after a failed write or commit, and twice. */
  abort(): Promise<void>;
}

export interface BlobReader {
  readonly sizeBytes: number;
  /** File descriptor for the big-file loop; owned by the reader. */
  readonly fd: number;
  /** To be given every byte by who reads the whole; undefined: this process has checked this very file, so it may be sent as it is. */
  startCheck(): BlobCheck | undefined;
  close(): Promise<void>;
}

export interface BlobCheck {
  update(chunk: Uint8Array): void;
  /** After the last byte, once: whether they are the ones that were stored. */
  finish(): boolean;
}

export interface CacheStats {
  readonly entries: number;
  readonly blobs: number;
  readonly bytes: number;
  readonly maxBytes: number;
  /** Since the index was made. */
  readonly evictedEntries: number;
}
