import {
  close as closeFile,
  closeSync,
  open as openFile,
  read as readFile,
  type Stats,
  fstat as statFile,
} from "node:fs";
import { promisify } from "node:util";
import type { BlobCheck, BlobReader } from "./cache.ts";
import { codeOf, storageFault } from "./storage-fault.ts";

// File descriptors, not FileHandles: half the cost, and the contract hands out the number.
const open = promisify(openFile);
const close = promisify(closeFile);
const fstat = promisify(statFile) as (fd: number) => Promise<Stats>;
const read = promisify(readFile);

/** What makes a blob absent rather than the disk unusable: it or its folder is gone, or it cannot be read any more. */
const GONE = new Set(["ENOENT", "ENOTDIR", "EISDIR", "EIO"]);

/**
 * Opens a blob; undefined when it is gone or has another size than the index says (`sizeBytes` undefined: the index does not know).
 * @throws Fault STORAGE_UNAVAILABLE, e.g. when there are too many open files.
 */
export async function openBlobFile(
  path: string,
  sizeBytes: number | undefined,
  startCheck: (file: Stats) => BlobCheck | undefined,
): Promise<BlobReader | undefined> {
  return unlessGone("open a blob", async () => {
    const fd = await open(path, "r");
    const stored = await statsOf(fd);
    if (stored !== undefined && stored.size === (sizeBytes ?? stored.size)) {
      return blobReader(fd, stored.size, () => startCheck(stored));
    }
    await close(fd);
    return undefined;
  });
}

/** Reads a whole blob: as `openBlobFile`, with one system call less when the size is known. */
export async function readBlobFile(path: string, sizeBytes: number | undefined): Promise<Buffer | undefined> {
  return unlessGone("read a blob", async () => {
    const fd = await open(path, "r");
    try {
      const expected = sizeBytes ?? (await fstat(fd)).size;
      // One byte more than expected: a file that has grown is not the blob either.
      const body = Buffer.allocUnsafe(expected + 1);
      return (await fill(fd, body)) === expected ? body.subarray(0, expected) : undefined;
    } finally {
      // Takes a microsecond; a turn through the thread pool takes fifty.
      closeSync(fd);
    }
  });
}

function blobReader(fd: number, sizeBytes: number, startCheck: BlobReader["startCheck"]): BlobReader {
  let closing: Promise<void> | undefined;
  return {
    fd,
    sizeBytes,
    startCheck,
    close: () => {
      // Once only: the number may be another file's by now.
      closing ??= close(fd);
      return closing;
    },
  };
}

/** Undefined when it is no plain file. Closes `fd` when the size cannot be had. */
async function statsOf(fd: number): Promise<Stats | undefined> {
  try {
    const stats = await fstat(fd);
    return stats.isFile() ? stats : undefined;
  } catch (error) {
    await close(fd);
    throw error;
  }
}

/** Bytes read until `body` is full or the file ends. */
async function fill(fd: number, body: Buffer): Promise<number> {
  let filled = 0;
  while (filled < body.length) {
    const { bytesRead } = await read(fd, body, filled, body.length - filled, filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return filled;
}

async function unlessGone<T>(operation: string, attempt: () => Promise<T>): Promise<T | undefined> {
  try {
    return await attempt();
  } catch (error) {
    if (GONE.has(codeOf(error) ?? "")) return undefined;
    throw storageFault(error, operation);
  }
}
