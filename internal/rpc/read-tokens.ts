import { randomBytes } from "node:crypto";
import type { Body, MirrorRequest } from "#internal/mirror/mirror.ts";

/** What a read token stands for. */
export interface Readable {
  /** To be asked again when the bytes have gone from the disk. */
  readonly request: MirrorRequest;
  readonly body: Body;
}

/** Bodies of Resolve answers that a caller may read, by a name that nobody can guess. */
export interface ReadTokens {
  /** Valid for one minute, in this process. */
  issue(readable: Readable): string;
  find(token: string): Readable | undefined;
}

const TTL_MS = 60_000;
const MAX_TOKENS = 10_000;
/** Of bodies that are in memory only. */
const MAX_MEMORY_BYTES = 128 * 1024 * 1024;
const TOKEN_BYTES = 16;

interface Issued {
  readonly readable: Readable;
  /** Held in memory for it alone. */
  readonly memoryBytes: number;
  readonly endMs: number;
}

/** Bounded: the oldest tokens go first. All live equally long, so the order of issue is that of expiry. */
export function createReadTokens(nowMs: () => number): ReadTokens {
  const issued = new Map<string, Issued>();
  let memoryBytes = 0;

  const makeRoom = (neededBytes: number): void => {
    for (const [token, oldest] of issued) {
      const isFull = issued.size >= MAX_TOKENS || memoryBytes + neededBytes > MAX_MEMORY_BYTES;
      if (!isFull && oldest.endMs > nowMs()) return;
      issued.delete(token);
      memoryBytes -= oldest.memoryBytes;
    }
  };

  return {
    issue(readable) {
      const bytes = readable.body.kind === "bytes" ? readable.body.bytes.length : 0;
      makeRoom(bytes);
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      issued.set(token, { readable, memoryBytes: bytes, endMs: nowMs() + TTL_MS });
      memoryBytes += bytes;
      return token;
    },
    find(token) {
      const found = issued.get(token);
      return found && found.endMs > nowMs() ? found.readable : undefined;
    },
  };
}
