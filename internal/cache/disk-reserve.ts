import { statfsSync, utimesSync } from "node:fs";
import { Fault } from "#internal/fault/fault.ts";

/** What storing leaves free on the file system: far more than one transaction of the index writes. */
const RESERVE_BYTES = 64 * 1024 * 1024;
/** What removing needs: it must still be possible when storing is not. */
export const REMOVAL_RESERVE_BYTES = 16 * 1024 * 1024;

/**
 * Some microseconds. LMDB must not meet a full or read-only disk itself: lmdb 3.5.6 writes beyond its buffer when it words the error
 * of a failed page write (mdb_page_flush: sprintf of over 100 characters into malloc(100)), and the process dies.
 * @throws Fault STORAGE_UNAVAILABLE (ENOSPC), or the system's error when the folder takes no writes at all (EROFS).
 */
export function assertTakesWrites(folder: string, reserveBytes = RESERVE_BYTES): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize < reserveBytes) {
    const message = `The file system of ${folder} has less than ${reserveBytes / 1024 / 1024} MiB left: the cache stores nothing more until there is room`;
    throw new Fault("STORAGE_UNAVAILABLE", message, { code: "ENOSPC", operation: "store" });
  }
  const now = new Date();
  utimesSync(folder, now, now);
}
