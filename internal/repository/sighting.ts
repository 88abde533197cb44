/** A file as it was fetched and verified: what the ledger of first digests keeps. */
export interface Sighting {
  readonly repositoryUid: string;
  /** Below the repository. */
  readonly path: string;
  /** Lower-case hex SHA-256. */
  readonly digest: string;
  readonly sizeBytes: number;
  /** "" where the path does not say. */
  readonly packageName: string;
  readonly version: string;
  readonly seenTime: Date;
}
