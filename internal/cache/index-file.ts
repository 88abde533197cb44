import { closeSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";

/** Offsets in a meta page of LMDB's data format 2: a 24-byte page header, then MDB_meta (mdb.c). */
const META_PAGE_FLAG = { at: 18, value: 0x08 };
const MAGIC = { at: 24, value: 0xbeefc0de };
const FORMAT_VERSION = { at: 28, value: 2 };
const PAGE_SIZE_AT = 48;
const LAST_PAGE_AT = 144;
const META_BYTES = 168;

/**
 * Whether LMDB may open the file: absent and empty files it makes anew, a file that is something else crashes the process.
 * A file that lost its end is filled up with empty pages, so that what is missing becomes an error and not a SIGBUS
 * (it may also be shorter rightly, when its last pages are free).
 */
export function isSoundIndexFile(path: string): boolean {
  const fd = openIfThere(path);
  if (fd === undefined) return true;
  try {
    const sizeBytes = fstatSync(fd).size;
    if (sizeBytes === 0) return true;
    const first = metaPage(fd, 0);
    const second = first && metaPage(fd, first.pageSizeBytes);
    if (first === undefined || second === undefined) return false;
    const neededBytes = (Math.max(first.lastPage, second.lastPage) + 1) * first.pageSizeBytes;
    if (sizeBytes < neededBytes) ftruncateSync(fd, neededBytes);
    return true;
  } finally {
    closeSync(fd);
  }
}

function metaPage(fd: number, position: number): { pageSizeBytes: number; lastPage: number } | undefined {
  const page = Buffer.alloc(META_BYTES);
  if (readSync(fd, page, 0, META_BYTES, position) < META_BYTES) return undefined;
  const isMeta =
    (page.readUInt16LE(META_PAGE_FLAG.at) & META_PAGE_FLAG.value) !== 0 &&
    page.readUInt32LE(MAGIC.at) === MAGIC.value &&
    (page.readUInt32LE(FORMAT_VERSION.at) & 0xffff) === FORMAT_VERSION.value;
  if (!isMeta) return undefined;
  return { pageSizeBytes: page.readUInt32LE(PAGE_SIZE_AT), lastPage: Number(page.readBigUInt64LE(LAST_PAGE_AT)) };
}

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, "r+");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
