import { createHash } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import type { BlobRef, BlobWriter } from "./cache.ts";
import { assertTakesWrites } from "./disk-reserve.ts";
import { syncFolder, withFolder } from "./folders.ts";
import { storageFault } from "./storage-fault.ts";
import { temporaryPath } from "./temporary-files.ts";

/** Gives a finished temporary file its place. */
export type PlaceBlob = (temporary: string, blob: BlobRef) => Promise<void>;

/**
 * Opens a new temporary file in `folder`, which is made when it is missing.
 * @throws Fault STORAGE_UNAVAILABLE when the file cannot be made; so do the writer's methods, and then the file is gone.
 */
export async function createBlobWriter(folder: string, place: PlaceBlob): Promise<BlobWriter> {
  const path = temporaryPath(folder);
  try {
    const file = await withFolder(folder, async () => {
      assertTakesWrites(folder);
      return open(path, "wx", 0o644);
    });
    return blobWriter(path, file, place);
  } catch (error) {
    throw storageFault(error, "create a temporary file");
  }
}

function blobWriter(path: string, file: FileHandle, place: PlaceBlob): BlobWriter {
  const hash = createHash("sha256");
  let writtenBytes = 0;
  let isOpen = true;
  let failure: unknown;
  /** One step after the other: callers need not wait between writes. */
  let last: Promise<unknown> = Promise.resolve();

  function inTurn<T>(operation: string, step: () => Promise<T>): Promise<T> {
    const turn = last.then(async () => {
      if (failure !== undefined) throw failure;
      try {
        return await step();
      } catch (error) {
        // Never tried again on the same file: after a failed write or fsync nobody knows what it holds.
        failure = storageFault(error, operation);
        await discard().catch(() => undefined);
        throw failure;
      }
    });
    last = turn.catch(() => undefined);
    return turn;
  }

  async function discard(): Promise<void> {
    await close();
    await rm(path, { force: true });
  }

  async function close(): Promise<void> {
    if (!isOpen) return;
    isOpen = false;
    await file.close();
  }

  return {
    path,
    get writtenBytes() {
      return writtenBytes;
    },
    write: (chunk) =>
      inTurn("write a blob", async () => {
        hash.update(chunk);
        await writeWhole(file, chunk);
        writtenBytes += chunk.byteLength;
      }),
    commit: () =>
      inTurn("commit a blob", async () => {
        await file.sync();
        await close();
        const blob = { digest: hash.digest("hex"), sizeBytes: writtenBytes };
        await place(path, blob);
        failure = new Error("This blob is committed: nothing more can be written to it");
        return blob;
      }),
    async abort() {
      const turn = last.then(discard);
      failure ??= new Error("This blob was given up");
      last = turn.catch(() => undefined);
      await turn;
    },
  };
}

async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) {
    const { bytesWritten } = await file.write(chunk, done, chunk.byteLength - done);
    done += bytesWritten;
  }
}

/** Renames over whatever is there: a blob that rotted or was cut short is healed, and readers keep the file that they opened. */
export async function placeBlob(temporary: string, folder: string, path: string): Promise<void> {
  await withFolder(folder, () => rename(temporary, path));
  await syncFolder(folder);
}
