import type { Cache } from "#internal/cache/cache.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Body, Mirror } from "#internal/mirror/mirror.ts";
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
  if (bytes) return bytes;
  const again = await mirror.resolve({ ...request, lost: true });
  const found = again.body && sameBytes(body, again.body) ? await openBody(again.body, range, cache) : undefined;
  if (!found) throw new Fault("STORAGE_UNAVAILABLE", "the body has left the cache: resolve again");
  return found;
}

function sameBytes(before: Body, now: Body): boolean {
  const digest = digestOf(before);
  return digest !== undefined && digest === digestOf(now);
}

function digestOf(body: Body): string | undefined {
  if (body.kind === "bytes") return undefined;
  return body.kind === "blob" ? body.blob.digest : body.stream.digest;
}
