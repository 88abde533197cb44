import { randomBytes } from "node:crypto";
import { LRUCache } from "lru-cache";
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

/** Bounded: the oldest tokens go first. `nowMs` must not run backwards. */
export function createReadTokens(nowMs: () => number): ReadTokens {
  const readables = new LRUCache<string, Readable>({
    max: MAX_TOKENS,
    maxSize: MAX_MEMORY_BYTES,
    sizeCalculation: ({ body }) => (body.kind === "bytes" ? Math.max(1, body.bytes.length) : 1),
    ttl: TTL_MS,
    ttlResolution: 0,
    perf: { now: nowMs },
  });
  return {
    issue(readable) {
      const token = randomBytes(TOKEN_BYTES).toString("base64url");
      readables.set(token, readable);
      return token;
    },
    find: (token) => readables.get(token),
  };
}
