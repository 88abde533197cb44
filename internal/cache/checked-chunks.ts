import { Fault, isFault } from "#internal/fault/fault.ts";
import type { BlobCheck, BlobReader } from "./cache.ts";

const LOST = "BLOB_LOST";

/**
 * Passes on the chunks of a whole blob, the last one only when all of them are what was stored. Without a check of its own where this
 * process has made one.
 * @throws Fault STORAGE_UNAVAILABLE for which `isLostBlob` is true.
 */
export function checkedChunks(reader: BlobReader, chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const check = reader.startCheck();
  return check ? checkedBy(check, reader, chunks) : chunks;
}

/** The same with a check that was started. */
export async function* checkedBy(
  check: BlobCheck,
  { sizeBytes }: BlobReader,
  chunks: AsyncIterable<Buffer>,
): AsyncIterable<Buffer> {
  let leftBytes = sizeBytes;
  for await (const chunk of chunks) {
    check.update(chunk);
    leftBytes -= chunk.length;
    if (leftBytes === 0 && !check.finish()) throw lostBlob("stored bytes have rotted");
    yield chunk;
  }
}

/** The bytes that an entry names are not there any more, or not the ones that were stored. */
export function lostBlob(what: string, cause?: unknown): Fault {
  return new Fault("STORAGE_UNAVAILABLE", `${what}: they are fetched anew`, { code: LOST }, { cause });
}

export function isLostBlob(error: unknown): boolean {
  return isFault(error, "STORAGE_UNAVAILABLE") && error.facts.code === LOST;
}
