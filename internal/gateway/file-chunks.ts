import { read } from "node:fs";
import { lostBlob } from "#internal/cache/checked-chunks.ts";

/** Waking the thread pool is the dear part of a read: with half of it a large file costs a quarter more. */
const CHUNK_BYTES = 1024 * 1024;
/** Buffers that wait for the next reader: 8 MiB. Made anew for each answer, they kept the garbage collector busy. */
const MAX_SPARE = 8;
const spare: Buffer[] = [];

/**
 * Reads a file's bytes from `start` to `end` (exclusive). A chunk is overwritten by the next one.
 * @throws Fault for which `isLostBlob` is true.
 */
export async function* fileChunks(fd: number, start: number, end: number): AsyncIterable<Buffer> {
  const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
  try {
    for (let position = start; position < end; ) {
      const bytesRead = await pread(fd, buffer, Math.min(CHUNK_BYTES, end - position), position);
      if (bytesRead === 0) throw lostBlob("stored bytes have been cut short");
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    if (spare.length < MAX_SPARE) spare.push(buffer);
  }
}

function pread(fd: number, buffer: Buffer, length: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    read(fd, buffer, 0, length, position, (error, bytesRead) =>
      error ? reject(lostBlob("stored bytes cannot be read", error)) : resolve(bytesRead),
    );
  });
}
