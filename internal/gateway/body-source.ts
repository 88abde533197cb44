import { createHash } from "node:crypto";
import type { BlobReader, BlobRef, Cache } from "#internal/cache/cache.ts";
import { checkedBy, checkedChunks } from "#internal/cache/checked-chunks.ts";
import type { Body } from "#internal/mirror/mirror.ts";
import { fileChunks } from "./file-chunks.ts";
import { type HotBodies, MAX_HOT_BODY_BYTES } from "./hot-bodies.ts";

/** A body that is ready to be sent: it has been opened, so an eviction cannot take it away any more. */
export type BodySource = BytesSource | ChunksSource;

export interface BytesSource {
  readonly kind: "bytes";
  readonly sizeBytes: number;
  readonly bytes: Buffer;
}

export interface ChunksSource {
  readonly kind: "chunks";
  /** Undefined: not known before the end. */
  readonly sizeBytes: number | undefined;
  /**
   * `end` is exclusive; undefined: to the end. Chunks may be overwritten after the next one was asked for. The last chunk of a whole blob
   * comes only when all are right. Iterating throws a Fault, for which `isLostBlob` is true when the stored bytes are lost.
   */
  read(start: number, end: number | undefined): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/** A body that needs no opening. Undefined: `openBody` must. */
export function hotBody(body: Body, hotBodies: HotBodies): BytesSource | undefined {
  if (body.kind === "bytes") return { kind: "bytes", sizeBytes: body.bytes.length, bytes: body.bytes };
  const bytes = body.kind === "blob" ? hotBodies.get(body.blob.digest) : undefined;
  return bytes && { kind: "bytes", sizeBytes: bytes.length, bytes };
}

/** Who asks for a part of a larger file does not wait until all of it was read. */
const CHECKED_RANGE_BYTES = 64 * 1024 * 1024;

/** Opens a resolution's body. Undefined: its bytes are gone from the disk, or (small ones, which are read whole) are not the ones that were stored. */
export async function openBody(body: Body, cache: Cache, hotBodies: HotBodies): Promise<BodySource | undefined> {
  if (body.kind === "stream") {
    return { kind: "chunks", sizeBytes: body.stream.sizeBytes, read: body.stream.read, close: async () => {} };
  }
  const hot = hotBody(body, hotBodies);
  if (hot || body.kind === "bytes") return hot;
  return body.blob.sizeBytes <= MAX_HOT_BODY_BYTES
    ? openSmall(body.blob, cache, hotBodies)
    : openLarge(body.blob, cache);
}

async function openSmall(
  { digest, sizeBytes }: BlobRef,
  cache: Cache,
  hotBodies: HotBodies,
): Promise<BytesSource | undefined> {
  const bytes = await cache.readBlob(digest);
  // A file that was cut short or has rotted is as good as gone.
  if (bytes === undefined || createHash("sha256").update(bytes).digest("hex") !== digest) return undefined;
  hotBodies.set(digest, bytes);
  return { kind: "bytes", sizeBytes, bytes };
}

async function openLarge({ digest, sizeBytes }: BlobRef, cache: Cache): Promise<ChunksSource | undefined> {
  const reader = await cache.openBlob(digest);
  if (!reader) return undefined;
  if (reader.sizeBytes !== sizeBytes) {
    await reader.close();
    return undefined;
  }
  return {
    kind: "chunks",
    sizeBytes,
    read(start, end = sizeBytes) {
      const chunks = fileChunks(reader.fd, start, end);
      if (start === 0 && end === sizeBytes) return checkedChunks(reader, chunks);
      return sizeBytes <= CHECKED_RANGE_BYTES ? afterCheck(reader, chunks) : chunks;
    },
    close: () => reader.close(),
  };
}

/** A part says nothing of the whole: where nobody has read that before, it is read first. */
async function* afterCheck(reader: BlobReader, chunks: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  const check = reader.startCheck();
  if (check) for await (const _ of checkedBy(check, reader, fileChunks(reader.fd, 0, reader.sizeBytes)));
  yield* chunks;
}
