import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import type { BlobRef, BlobState } from "./cache.ts";
import { codeOf, storageFault } from "./storage-fault.ts";

/** A blob's file, read from its first byte to its last. */
export interface VerifiedFile {
  readonly state: BlobState;
  /** Undefined: it is missing, or could not even be opened. */
  readonly stats: Stats | undefined;
}

/** Some tenths of a millisecond of hashing. */
const CHUNK_BYTES = 256 * 1024;
const MISSING = new Set(["ENOENT", "ENOTDIR"]);
/** The disk has lost it, or it is no file any more. */
const ROTTEN = new Set(["EIO", "EISDIR"]);

/** @throws Fault STORAGE_UNAVAILABLE when that cannot be told, e.g. for too many open files. */
export async function verifyBlobFile(path: string, blob: BlobRef): Promise<VerifiedFile> {
  let stats: Stats | undefined;
  try {
    const file = await open(path, "r");
    try {
      stats = await file.stat();
      const isRight = stats.size === blob.sizeBytes && (await sha256Of(file)) === blob.digest;
      return { state: isRight ? "intact" : "rotten", stats };
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = codeOf(error) ?? "";
    if (MISSING.has(code)) return { state: "missing", stats: undefined };
    if (ROTTEN.has(code)) return { state: "rotten", stats };
    throw storageFault(error, "verify a blob");
  }
}

async function sha256Of(file: FileHandle): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(CHUNK_BYTES);
  while (true) {
    const { bytesRead } = await file.read(buffer, 0, buffer.length);
    if (bytesRead === 0) return hash.digest("hex");
    hash.update(buffer.subarray(0, bytesRead));
  }
}
