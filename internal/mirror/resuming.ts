import { type FileHandle, open } from "node:fs/promises";
import type { BlobWriter } from "#internal/cache/cache.ts";
import { Fault, isFault } from "#internal/fault/fault.ts";
import type { UpstreamResponse } from "#internal/upstream/upstream.ts";

/** A transfer, and how to go on with it when it breaks. */
export interface Transfer {
  readonly response: UpstreamResponse;
  /** Holds what has come, byte for byte: the body has no content coding. */
  readonly written: Pick<BlobWriter, "path" | "writtenBytes">;
  /** Asks for the same file again, with these headers more. */
  ask(headers: Readonly<Record<string, string>>): Promise<UpstreamResponse>;
}

/** What follows the bytes that are written. */
interface Rest {
  readonly body: AsyncIterable<Buffer>;
  /** Of the whole file; undefined: the upstream does not say. */
  readonly sizeBytes: number | undefined;
}

/**
 * The body's bytes. When the transfer breaks in the middle, the upstream is asked once more for the rest, and whoever reads notices nothing.
 * Every chunk must be written before the next one is asked for.
 * @throws what broke the first transfer when there is no going on; what breaks the second.
 */
export async function* resuming(transfer: Transfer): AsyncIterable<Buffer> {
  try {
    yield* transfer.response.body;
  } catch (error) {
    if (!isFault(error, "UPSTREAM_UNAVAILABLE")) throw error;
    const rest = await askForRest(transfer);
    if (!rest) throw error;
    yield* rest.body;
    const { sizeBytes } = rest;
    // The second answer's own length may be right, and the whole too short all the same.
    if (sizeBytes !== undefined && transfer.written.writtenBytes !== sizeBytes) throw error;
  }
}

/** Undefined: it is not to be had, or not of the same file. */
async function askForRest(transfer: Transfer): Promise<Rest | undefined> {
  const { response, written } = transfer;
  const validator = validatorOf(response);
  const headers = validator === undefined ? {} : { range: `bytes=${written.writtenBytes}-`, "if-range": validator };
  const again = await transfer.ask(headers).catch(() => undefined);
  if (!again) return undefined;
  const rest = restIn(again, transfer) ?? (await restAfterStart(again, transfer));
  if (!rest) await again.discard();
  return rest;
}

/** A weak tag compares no bytes (RFC 9110 §13.1.5). A date will do where nothing better is there: size and digests are checked as well. */
function validatorOf({ headers }: UpstreamResponse): string | undefined {
  const { etag } = headers;
  return etag !== undefined && !etag.startsWith("W/") ? etag : headers["last-modified"];
}

const CONTENT_RANGE = /^bytes (?<first>\d+)-(?<last>\d+)\/(?<size>\d+)$/;

/** Of a 206 that begins where the first answer broke off and ends where the file ends. */
function restIn(again: UpstreamResponse, { response, written }: Transfer): Rest | undefined {
  const { first, last, size } = CONTENT_RANGE.exec(again.headers["content-range"] ?? "")?.groups ?? {};
  const { etag = response.headers.etag } = again.headers;
  const continues = Number(first) === written.writtenBytes && Number(last) === Number(size) - 1;
  if (again.status !== 206 || !continues || etag !== response.headers.etag) return undefined;
  return isLike(again, response, Number(size)) ? { body: again.body, sizeBytes: Number(size) } : undefined;
}

/** Of a 200, which has to begin with the very bytes that clients may have already. */
async function restAfterStart(again: UpstreamResponse, { response, written }: Transfer): Promise<Rest | undefined> {
  const sizeBytes = lengthOf(again) ?? lengthOf(response);
  if (again.status !== 200 || !isLike(again, response, sizeBytes)) return undefined;
  const file = await open(written.path, "r").catch(() => undefined);
  return file && { body: afterStart(again, file, written.writtenBytes), sizeBytes };
}

/** Same coding, same size as far as the first answer told it. */
function isLike(again: UpstreamResponse, response: UpstreamResponse, sizeBytes: number | undefined): boolean {
  const before = lengthOf(response);
  if (before !== undefined && before !== sizeBytes) return false;
  return again.headers["content-encoding"] === response.headers["content-encoding"];
}

function lengthOf({ headers }: UpstreamResponse): number | undefined {
  const length = headers["content-length"];
  return length === undefined ? undefined : Number(length);
}

/** What comes after the first `startBytes` bytes, which have to be those of `file`. Closes it. */
async function* afterStart(again: UpstreamResponse, file: FileHandle, startBytes: number): AsyncIterable<Buffer> {
  try {
    let position = 0;
    for await (const chunk of again.body) {
      const inStart = Math.max(0, Math.min(chunk.length, startBytes - position));
      if (inStart > 0 && !(await holds(file, position, chunk.subarray(0, inStart)))) throw changed(again);
      position += chunk.length;
      if (inStart < chunk.length) yield chunk.subarray(inStart);
    }
    if (position < startBytes) throw changed(again);
  } finally {
    await file.close();
  }
}

async function holds(file: FileHandle, position: number, bytes: Buffer): Promise<boolean> {
  const { buffer, bytesRead } = await file.read({ buffer: Buffer.allocUnsafe(bytes.length), position });
  return bytesRead === bytes.length && buffer.equals(bytes);
}

function changed({ url }: UpstreamResponse): Fault {
  const { origin } = new URL(url);
  return new Fault("UPSTREAM_UNAVAILABLE", `${origin} broke off, and sends other bytes now`, {
    origin,
    cause: "reset",
  });
}
