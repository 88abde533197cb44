import { read } from "node:fs";
import { promisify } from "node:util";
import type { BlobReader, Cache } from "#internal/cache/cache.ts";
import { checkedChunks, lostBlob } from "#internal/cache/checked-chunks.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Body } from "#internal/mirror/mirror.ts";
import { READ_CHUNK_BYTES } from "./limits.ts";

/** Bytes [start, end); an undefined end is that of the body. */
export interface ByteRange {
  readonly start: number;
  readonly end: number | undefined;
}

const pread = promisify(read);

/**
 * The bytes of a body in messages of at most 256 KiB, the last of a whole blob only when all are right. Undefined: they are gone from the disk.
 * @throws Fault RANGE_NOT_SATISFIABLE when the range begins beyond the end; iterating, one for which `isLostBlob` is true.
 */
export async function openBody(body: Body, range: ByteRange, cache: Cache): Promise<AsyncIterable<Buffer> | undefined> {
  switch (body.kind) {
    case "bytes": {
      const { start, end } = within(range, body.bytes.length);
      return inChunks([body.bytes.subarray(start, end)]);
    }
    case "blob": {
      const { start, end } = within(range, body.blob.sizeBytes);
      const reader = await cache.openBlob(body.blob.digest);
      if (!reader) return undefined;
      const bytes = blobBytes(reader, start, end);
      return start === 0 && end === reader.sizeBytes ? checkedChunks(reader, bytes) : bytes;
    }
    case "stream": {
      const { sizeBytes } = body.stream;
      if (sizeBytes !== undefined) within(range, sizeBytes);
      return inChunks(body.stream.read(range.start, range.end));
    }
  }
}

function within({ start, end }: ByteRange, sizeBytes: number): { start: number; end: number } {
  if (start > sizeBytes) {
    const facts = { field: "offset", sizeBytes: String(sizeBytes) };
    throw new Fault("RANGE_NOT_SATISFIABLE", `offset ${start} is beyond the body's ${sizeBytes} bytes`, facts);
  }
  return { start, end: Math.min(end ?? sizeBytes, sizeBytes) };
}

async function* inChunks(pieces: Iterable<Buffer> | AsyncIterable<Buffer>): AsyncIterable<Buffer> {
  for await (const piece of pieces) {
    for (let start = 0; start < piece.length; start += READ_CHUNK_BYTES) {
      yield piece.subarray(start, start + READ_CHUNK_BYTES);
    }
  }
}

async function* blobBytes(reader: BlobReader, start: number, end: number): AsyncIterable<Buffer> {
  try {
    let position = start;
    while (position < end) {
      const buffer = Buffer.allocUnsafe(Math.min(READ_CHUNK_BYTES, end - position));
      const { bytesRead } = await pread(reader.fd, buffer, 0, buffer.length, position);
      if (bytesRead === 0) throw lostBlob("stored bytes have been cut short");
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await reader.close();
  }
}
