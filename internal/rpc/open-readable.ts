import type { Cache } from "#internal/cache/cache.ts";
import { isLostBlob } from "#internal/cache/checked-chunks.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Body, BodyStream, Mirror, MirrorRequest } from "#internal/mirror/mirror.ts";
import { type ByteRange, openBody } from "./read-body.ts";
import type { Readable } from "./read-tokens.ts";

/**
 * The bytes that a read token stands for. When they have gone from the disk since, they are fetched again, and count only if they are the same.
 * @throws Fault RANGE_NOT_SATISFIABLE; STORAGE_UNAVAILABLE when other bytes are there now: resolve again.
 */
export async function openReadable(
  { request, body }: Readable,
  range: ByteRange,
  mirror: Pick<Mirror, "resolve">,
  cache: Cache,
): Promise<AsyncIterable<Buffer>> {
  const bytes = await openBody(body, range, cache);
  if (bytes) return healing(bytes, () => mirror.resolve({ ...request, lost: true }));
  const again = await fetchAgain(request, mirror);
  const found = again && sameBytes(body, again) ? await openBody(again, range, cache) : undefined;
  if (!found) throw new Fault("STORAGE_UNAVAILABLE", "the body has left the cache: resolve again");
  return found;
}

/** What has rotted is fetched anew for the next one who asks. */
async function* healing(bytes: AsyncIterable<Buffer>, heal: () => Promise<unknown>): AsyncIterable<Buffer> {
  try {
    yield* bytes;
  } catch (error) {
    if (isLostBlob(error)) heal().catch(() => undefined);
    throw error;
  }
}

/** A body whose digest is known: that of a file that nothing announces is known when it has been fetched. */
async function fetchAgain(request: MirrorRequest, mirror: Pick<Mirror, "resolve">): Promise<Body | undefined> {
  const { body } = await mirror.resolve({ ...request, lost: true });
  if (body?.kind !== "stream" || body.stream.digest !== undefined) return body;
  await ended(body.stream);
  return (await mirror.resolve({ ...request, lost: false })).body;
}

async function ended({ sizeBytes = 1, read }: BodyStream): Promise<void> {
  for await (const _ of read(Math.max(0, sizeBytes - 1), undefined));
}

function sameBytes(before: Body, now: Body): boolean {
  const digest = digestOf(before);
  return digest !== undefined && digest === digestOf(now);
}

function digestOf(body: Body): string | undefined {
  if (body.kind === "bytes") return undefined;
  return body.kind === "blob" ? body.blob.digest : body.stream.digest;
}
