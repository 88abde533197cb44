import { rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { blobChecks } from "./blob-checks.ts";
import { type BlobPins, blobPins } from "./blob-pins.ts";
import { openBlobFile, readBlobFile } from "./blob-reader.ts";
import { createBlobWriter, placeBlob } from "./blob-writer.ts";
import type { BlobReader, BlobRef, BlobState, BlobWriter } from "./cache.ts";
import { blobPathOf, type CacheLayout, isDigest } from "./cache-layout.ts";
import { verifyBlobFile } from "./verify-blob.ts";

/** Files by digest. Who names a blob, and whether anybody does, is the index's knowledge. */
export interface BlobStore {
  create(): Promise<BlobWriter>;
  open(digest: string): Promise<BlobReader | undefined>;
  read(digest: string): Promise<Buffer | undefined>;
  /** A rotten one is taken from its place. */
  verify(blob: BlobRef): Promise<BlobState>;
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
  const checks = blobChecks(nowMs);
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
    await removing(digest, () => rm(blobPathOf(layout, digest), { force: true }));
  }

  async function removing(digest: string, work: () => Promise<void>): Promise<void> {
    const removal = work().catch(() => undefined);
    removals.set(digest, removal);
    await removal;
    removals.delete(digest);
  }

  /** Only the file that was read: another one with this name may be the healed blob. */
  async function condemn(digest: string, inode: number): Promise<void> {
    await removals.get(digest);
    const path = blobPathOf(layout, digest);
    await removing(digest, async () => {
      if ((await stat(path)).ino === inode) await rm(path, { recursive: true, force: true });
    });
  }

  async function verify(blob: BlobRef): Promise<BlobState> {
    const { state, stats } = await verifyBlobFile(blobPathOf(layout, blob.digest), blob);
    if (state === "intact" && stats) checks.note(blob.digest, stats);
    if (state === "rotten" && stats) await condemn(blob.digest, stats.ino);
    return state;
  }

  return {
    pins,
    create: () => createBlobWriter(layout.temporary, place),
    open: async (digest) => {
      if (!isDigest(digest)) return undefined;
      return openBlobFile(blobPathOf(layout, digest), sizeOf(digest), (file) => checks.start(digest, file));
    },
    verify,
    read: async (digest) => (isDigest(digest) ? readBlobFile(blobPathOf(layout, digest), sizeOf(digest)) : undefined),
    path: (digest) => blobPathOf(layout, digest),
    async discard(digests) {
      await Promise.all(Array.from(digests, remove));
    },
  };
}
