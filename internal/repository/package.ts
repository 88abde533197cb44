/** One name in a repository's catalogue. */
export interface Package {
  /** As the index spells it; case and accents count. */
  readonly name: string;
  readonly description: string;
  /** Versions that the index lists now. */
  readonly versionCount: number;
  /** The newest by the format's order; "" when none is listed. */
  readonly latestVersion: string;
  readonly deprecated: boolean;
  /** The index no longer lists it. */
  readonly removed: boolean;
  readonly createTime: Date;
  readonly updateTime: Date;
}

/** One version of a package. */
export interface Version {
  readonly version: string;
  /** "" when the format has none. */
  readonly appVersion: string;
  /** As announced, e.g. "sha256:…"; "" when the index has none. */
  readonly digest: string;
  readonly deprecated: boolean;
  /** The index no longer lists it. */
  readonly removed: boolean;
  readonly publishTime: Date | undefined;
  readonly createTime: Date;
  readonly updateTime: Date;
  /** Canonical JSON of all that the index says of it. */
  readonly metadata: string;
}

/** A package as an index lists it now, ready for the catalogue. Its versions are newest first. */
export interface ListedPackage {
  readonly name: string;
  readonly description: string;
  readonly deprecated: boolean;
  readonly versions: readonly ListedVersion[];
  /** Versions that the index names, but that could not be read: what is known of them stays. */
  readonly unreadable?: readonly string[];
}

export interface ListedVersion {
  readonly version: string;
  readonly appVersion: string;
  readonly digest: string;
  readonly publishTime: Date | undefined;
  readonly deprecated: boolean;
  readonly metadata: string;
}

const MAX_NAME_LENGTH = 255;
// MariaDB ignores trailing blanks when it compares, and control characters break every listing: neither is in a real name.
const NAME = /^[^\s\p{Cc}\p{Cs}](?:[^\p{Cc}\p{Cs}]*[^\s\p{Cc}\p{Cs}])?$/u;

/** Whether the catalogue can hold `text` as the name of a package or as a version: 1 to 255 characters, no blank at an end, no control character. */
export function isCatalogName(text: string): boolean {
  return text.length <= MAX_NAME_LENGTH && NAME.test(text);
}
