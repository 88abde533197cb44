import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import type { BlobCheck } from "./cache.ts";

/**
 * Remembers which files were read whole and found right, so that a hot one is hashed once: hashing costs as much as sending. The same file
 * (inode, size, time of change) is believed for a day; what rots without a trace in that time is found by the next day's reader, or by a scrub.
 */
export interface BlobChecks {
  /** Undefined: the file needs none now. */
  start(digest: string, file: Stats): BlobCheck | undefined;
  /** The file was found right. */
  note(digest: string, file: Stats): void;
}

interface Checked {
  readonly stamp: string;
  readonly atMs: number;
}

const BELIEVED_MS = 86_400_000;
/** Some 20 MB of memory. */
const MAX_NOTED = 100_000;

export function blobChecks(nowMs: () => number): BlobChecks {
  const noted = new Map<string, Checked>();

  function isNoted(digest: string, file: Stats): boolean {
    const checked = noted.get(digest);
    if (checked === undefined || checked.stamp !== stampOf(file)) return false;
    const ageMs = nowMs() - checked.atMs;
    return ageMs >= 0 && ageMs < BELIEVED_MS;
  }

  function note(digest: string, file: Stats): void {
    noted.delete(digest);
    noted.set(digest, { stamp: stampOf(file), atMs: nowMs() });
    if (noted.size <= MAX_NOTED) return;
    for (const oldest of noted.keys()) return void noted.delete(oldest);
  }

  return {
    note,
    start(digest, file) {
      if (isNoted(digest, file)) return undefined;
      const hash = createHash("sha256");
      return {
        update: (chunk) => void hash.update(chunk),
        finish() {
          const isRight = hash.digest("hex") === digest;
          if (isRight) note(digest, file);
          return isRight;
        },
      };
    },
  };
}

function stampOf({ ino, size, mtimeMs }: Stats): string {
  return `${ino} ${size} ${mtimeMs}`;
}
