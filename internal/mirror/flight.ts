import { type FileHandle, open } from "node:fs/promises";
import { lostBlob } from "#internal/cache/checked-chunks.ts";
import type { BodyStream } from "./mirror.ts";

/** Bytes of every answer that wait until the whole file is verified, so that nobody completes a wrong download. */
const WITHHELD_BYTES = 16 * 1024;
const READ_BYTES = 256 * 1024;

/** One fetch under way: a growing file that any number of clients read, each at its own pace. */
export interface Flight extends BodyStream {
  /** Settles when the file is verified and stored, or with the fault that ended it. */
  readonly landed: Promise<void>;
  /** So many bytes can be read from the growing file. */
  advance(writtenBytes: number): void;
  /** The file is verified and has its final place. */
  land(path: string, sizeBytes: number): void;
  fail(error: unknown): void;
}

/**
 * @param growingPath the temporary file that the fetch writes.
 * @param announced what is known beforehand of size and digest.
 */
export function createFlight(growingPath: string, announced: Pick<BodyStream, "sizeBytes" | "digest">): Flight {
  const landed = Promise.withResolvers<void>();
  // A flight that nobody watches may fail without taking the process down.
  landed.promise.catch(() => {});
  // A client takes so many bytes for the whole: an upstream that sends more must not complete what may be wrong.
  const announcedBytes = announced.sizeBytes ?? Number.POSITIVE_INFINITY;
  let writtenBytes = 0;
  let arrived: { path: string; sizeBytes: number } | undefined;
  let failure: { error: unknown } | undefined;
  let news = Promise.withResolvers<void>();

  const wake = (): void => {
    news.resolve();
    news = Promise.withResolvers();
  };

  const openCurrent = async (): Promise<FileHandle> => {
    try {
      return await open(arrived?.path ?? growingPath, "r");
    } catch (error) {
      // The fetch may just be moving the file to its place: that place is known when it has landed.
      await landed.promise;
      if (arrived) return open(arrived.path, "r");
      throw error;
    }
  };

  /** Up to where an answer that ends at `end` may be sent now. */
  const releasedBytes = (end: number): number =>
    arrived ? Math.min(end, arrived.sizeBytes) : Math.min(writtenBytes, end, announcedBytes) - WITHHELD_BYTES;

  async function* read(start: number, end = Number.POSITIVE_INFINITY): AsyncIterable<Buffer> {
    const file = await openCurrent();
    // One for the whole answer: a hundred clients of one file cost what they hold, not what they read.
    const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
    try {
      let position = start;
      while (true) {
        if (failure) throw failure.error;
        const { promise } = news;
        const limit = releasedBytes(end);
        while (position < limit) {
          const { bytesRead } = await file.read(buffer, 0, Math.min(READ_BYTES, limit - position), position);
          // Bytes that were written and are not there: waiting would last for ever.
          if (bytesRead === 0) throw lostBlob("the file ended before its size");
          position += bytesRead;
          yield buffer.subarray(0, bytesRead);
        }
        if (arrived && position >= releasedBytes(end)) return;
        await promise;
      }
    } finally {
      await file.close();
    }
  }

  return {
    ...announced,
    landed: landed.promise,
    read,
    advance(bytes) {
      writtenBytes = bytes;
      wake();
    },
    land(path, sizeBytes) {
      arrived = { path, sizeBytes };
      landed.resolve();
      wake();
    },
    fail(error) {
      failure = { error };
      landed.reject(error);
      wake();
    },
  };
}
