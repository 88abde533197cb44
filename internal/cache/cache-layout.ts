import { join } from "node:path";

/** Where things stand below a cache folder. The version in the path is the layout's: another layout lives beside it, unseen. */
export interface CacheLayout {
  /** Blobs by digest: `<blobs>/ab/cdef…`. */
  readonly blobs: string;
  /** Unfinished blobs, in the same file system as the finished ones. */
  readonly temporary: string;
  /** The LMDB environment. */
  readonly index: string;
}

const DIGEST = /^[0-9a-f]{64}$/;
const BLOB_FILE_NAME = /^[0-9a-f]{62}$/;

export function cacheLayout(directory: string): CacheLayout {
  const root = join(directory, "v1");
  return { blobs: join(root, "blobs", "sha256"), temporary: join(root, "tmp"), index: join(root, "index") };
}

/** Lower-case hex SHA-256, the only client-influenced text that may become a path. */
export function isDigest(digest: string): boolean {
  return DIGEST.test(digest);
}

/** The first two hex digits of a digest: the name of its folder. */
function shardOf(digest: string): string {
  return digest.slice(0, 2);
}

/**
 * Path of a blob, whether it is there or not.
 * @throws RangeError when `digest` is none: a string from outside must never become a path.
 */
export function blobPathOf(layout: CacheLayout, digest: string): string {
  if (!isDigest(digest)) throw new RangeError(`not a sha256 digest: ${JSON.stringify(digest)}`);
  return join(layout.blobs, shardOf(digest), digest.slice(2));
}

/** The digest of a file in a blob folder; undefined when the file is not one of ours. */
export function digestOfFile(shard: string, fileName: string): string | undefined {
  return BLOB_FILE_NAME.test(fileName) ? shard + fileName : undefined;
}
