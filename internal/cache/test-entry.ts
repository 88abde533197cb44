import type { BlobRef, Cache, Entry } from "./cache.ts";

/** A file entry of a key, for tests; `changes` win. */
export function testEntry(key: string, changes: Partial<Entry> = {}): Entry {
  return {
    key,
    kind: "file",
    status: 200,
    blob: undefined,
    contentType: "application/octet-stream",
    upstreamUrl: "https://registry.example/left-pad",
    upstreamEtag: '"tag"',
    upstreamLastModified: undefined,
    storedAtMs: 1_700_000_000_000,
    checkedAtMs: 1_700_000_000_500,
    freshForMs: undefined,
    packageName: "left-pad",
    version: undefined,
    representations: {},
    ...changes,
  };
}

/** Commits a body; no entry names it yet. */
export async function commitBlob(cache: Cache, body: string | Uint8Array): Promise<BlobRef> {
  const writer = await cache.createBlob();
  await writer.write(Buffer.from(body));
  return writer.commit();
}

/** Commits a body and puts an entry that names it. */
export async function putFile(cache: Cache, key: string, body: string | Uint8Array): Promise<Entry> {
  const entry = testEntry(key, { blob: await commitBlob(cache, body) });
  await cache.put(entry);
  return entry;
}
