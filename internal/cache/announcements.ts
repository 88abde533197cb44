import { setImmediate as nextTurn } from "node:timers/promises";
import {
  type AnnouncementRecord,
  decodeAnnouncement,
  encodeAnnouncement,
  sameAnnouncement,
} from "./announcement-codec.ts";
import type { StoredAnnouncement } from "./cache.ts";
import type { CacheIndex } from "./cache-index.ts";
import { assertKey, storedKey } from "./cache-key.ts";

/** Announcements a transaction: some milliseconds of the event loop. */
const CHUNK = 1_000;

export async function writeAnnouncements(
  index: CacheIndex,
  scope: string,
  announcements: Iterable<StoredAnnouncement>,
): Promise<void> {
  for (const chunk of chunksOf(announcements, CHUNK)) {
    const records = chunk.map((one): [string, AnnouncementRecord] => [
      announcementKey(scope, one.path),
      encodeAnnouncement(one),
    ]);
    const changed = index.read(records, ({ announcements: table }) =>
      records.filter(([key, record]) => !isStored(table.get(key), record)),
    );
    if (changed.length > 0) {
      await index.write(({ announcements: table }) => {
        for (const [key, record] of changed) table.putSync(key, record);
      });
    }
    // A document that is read again mostly announces what is known: that must not hold up the event loop either.
    await nextTurn();
  }
}

export function readAnnouncement(index: CacheIndex, scope: string, path: string): StoredAnnouncement | undefined {
  return index.read(undefined, ({ announcements }) => {
    const record = announcements.get(storedKey(`${scope}/${path}`));
    return record?.[0] === path ? decodeAnnouncement(record) : undefined;
  });
}

function announcementKey(scope: string, path: string): string {
  const key = `${scope}/${path}`;
  assertKey(key);
  return storedKey(key);
}

function isStored(stored: AnnouncementRecord | undefined, record: AnnouncementRecord): boolean {
  return stored !== undefined && sameAnnouncement(stored, record);
}

/** Takes no more from `items` than the next chunk needs. */
function* chunksOf<T>(items: Iterable<T>, size: number): Generator<T[]> {
  let chunk: T[] = [];
  for (const item of items) {
    if (chunk.push(item) < size) continue;
    yield chunk;
    chunk = [];
  }
  if (chunk.length > 0) yield chunk;
}
