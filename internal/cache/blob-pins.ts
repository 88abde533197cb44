/** Blobs that are committed and not yet named by an entry: they must not be removed until the entry is put. */
export interface BlobPins {
  pin(digest: string): void;
  /** Takes back one pin, if there is one. */
  release(digest: string): void;
  isPinned(digest: string): boolean;
  /** Drops pins older than an hour, whose entry will not come; returns their digests. */
  expire(): string[];
}

interface Pin {
  count: number;
  lastMs: number;
}

const MAX_AGE_MS = 3_600_000;

export function blobPins(nowMs: () => number): BlobPins {
  const pins = new Map<string, Pin>();
  return {
    pin(digest) {
      pins.set(digest, { count: (pins.get(digest)?.count ?? 0) + 1, lastMs: nowMs() });
    },
    release(digest) {
      const pin = pins.get(digest);
      if (pin !== undefined && --pin.count <= 0) pins.delete(digest);
    },
    isPinned: (digest) => pins.has(digest),
    expire() {
      const expired = [...pins].filter(([, pin]) => nowMs() - pin.lastMs > MAX_AGE_MS).map(([digest]) => digest);
      for (const digest of expired) pins.delete(digest);
      return expired;
    },
  };
}
