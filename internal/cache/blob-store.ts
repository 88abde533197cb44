import { rm } from "node:fs/promises";
import { dirname } from "node:path";
import { type BlobPins, blobPins } from "./blob-pins.ts";
import { openBlobFile, readBlobFile } from "./blob-reader.ts";
import { createBlobWriter, placeBlob } from "./blob-writer.ts";
import type { BlobReader, BlobRef, BlobWriter } from "./cache.ts";
import { blobPathOf, type CacheLayout, isDigest } from "./cache-layout.ts";

/** Files by digest. Who names a blob, and whether anybody does, is the index's knowledge. */
export interface BlobStore {
  create(): Promise<BlobWriter>;
  open(digest: string): Promise<BlobReader | undefined>;
  read(digest: string): Promise<Buffer | undefined>;
  path(digest: string): string;
  /** Removes those of the blobs that no entry names and nobody is about to name. */
  discard(digests: Iterable<string>): Promise<void>;
  readonly pins: BlobPins;
}

export interface BlobStoreDeps {
  readonly layout: CacheLayout;
  /** Size of a blob that entries name; undefined when none does. */
  readonly sizeOf: (digest: string) => number | undefined;
  readonly nowMs: () => number;
}

export function blobStore({ layout, sizeOf, nowMs }: BlobStoreDeps): BlobStore {
  const pins = blobPins(nowMs);
  /** Removals under way: a commit of the same digest waits, or its new file would be the one that goes. */
  const removals = new Map<string, Promise<void>>();

  async function place(temporary: string, blob: BlobRef): Promise<void> {
    // Before the file is there, so that a removal that begins now leaves it alone.
    pins.pin(blob.digest);
    try {
      await removals.get(blob.digest);
      const path = blobPathOf(layout, blob.digest);
      await placeBlob(temporary, dirname(path), path);
    } catch (error) {
      pins.release(blob.digest);
      throw error;
    }
  }

  async function remove(digest: string): Promise<void> {
    if (removals.has(digest) || pins.isPinned(digest) || sizeOf(digest) !== undefined) return;
    // A file that cannot be removed is swept at the next start.
    const removal = rm(blobPathOf(layout, digest), { force: true }).catch(() => undefined);
    removals.set(digest, removal);
    await removal;
    removals.delete(digest);
  }

  return {
    pins,
    create: () => createBlobWriter(layout.temporary, place),
    open: async (digest) => (isDigest(digest) ? openBlobFile(blobPathOf(layout, digest), sizeOf(digest)) : undefined),
    read: async (digest) => (isDigest(digest) ? readBlobFile(blobPathOf(layout, digest), sizeOf(digest)) : undefined),
    path: (digest) => blobPathOf(layout, digest),
    async discard(digests) {
      await Promise.all(Array.from(digests, remove));
    },
  };
}
