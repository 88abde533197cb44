import { LRUCache } from "lru-cache";

/** Small bodies that were sent lately, by digest: right for ever, bounded by bytes. */
export interface HotBodies {
  get(digest: string): Buffer | undefined;
  set(digest: string, body: Buffer): void;
}

/** Larger bodies are read from disk in pieces. */
export const MAX_HOT_BODY_BYTES = 256 * 1024;

export function createHotBodies(maxBytes: number): HotBodies {
  if (maxBytes === 0) return { get: () => undefined, set: () => {} };
  const bodies = new LRUCache<string, Buffer>({ maxSize: maxBytes, sizeCalculation: (body) => body.length + 128 });
  return {
    get: (digest) => bodies.get(digest),
    set: (digest, body) => void bodies.set(digest, body),
  };
}
