/** What can happen to a repository; the wire sends the word. */
export type EventType =
  | "CREATED"
  | "UPDATED"
  | "DELETED"
  | "UNDELETED"
  | "CREDENTIAL_SET"
  | "CREDENTIAL_CLEARED"
  | "UPSTREAM_MODE_SET"
  | "INDEXED"
  | "INDEX_FAILED"
  | "INDEX_HELD"
  | "INDEX_CANCELLED"
  | "DIGEST_MISMATCH"
  /** The upstream sent a document that is older than the one before, or only a part of it. */
  | "DOCUMENT_REFUSED"
  /** The upstream answered 401 or 403. */
  | "UPSTREAM_REFUSED"
  /** Stored bytes are not the ones that were stored. */
  | "BLOB_ROTTEN";

/** Actor of what nobody asked for. Callers are `users/{user}`. */
export const SYSTEM_ACTOR = "system";

/** Something that is to be told of a repository. */
export interface NewRepositoryEvent {
  readonly repositoryId: string;
  readonly repositoryUid: string;
  readonly type: EventType;
  /** One sentence. */
  readonly message: string;
  /** Details by name; never a secret. */
  readonly facts: Readonly<Record<string, string>>;
  readonly actor: string;
}

/** Something that happened to a repository. */
export interface RepositoryEvent extends NewRepositoryEvent {
  /** Decimal number. An event that becomes visible later has a greater one. */
  readonly id: string;
  readonly createTime: Date;
}
