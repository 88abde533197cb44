import type { StoredAnnouncement } from "./cache.ts";

/** Values by position, as in `EntryRecord`. Digests alternate algorithm and hex. */
export type AnnouncementRecord = [
  path: string,
  upstreamUrl: string,
  digests: string[],
  sizeBytes: number | null,
  packageName: string | null,
  version: string | null,
  publishTime: string | null,
];

export function encodeAnnouncement(announcement: StoredAnnouncement): AnnouncementRecord {
  return [
    announcement.path,
    announcement.upstreamUrl,
    Object.entries(announcement.digests).flatMap(([algorithm, hex]) => (hex === undefined ? [] : [algorithm, hex])),
    announcement.sizeBytes ?? null,
    announcement.packageName ?? null,
    announcement.version ?? null,
    announcement.publishTime ?? null,
  ];
}

export function decodeAnnouncement(record: AnnouncementRecord): StoredAnnouncement {
  const [path, upstreamUrl, digests, sizeBytes, packageName, version, publishTime] = record;
  return {
    path,
    upstreamUrl,
    digests: decodeDigests(digests),
    ...(sizeBytes !== null && { sizeBytes }),
    ...(packageName !== null && { packageName }),
    ...(version !== null && { version }),
    ...(publishTime !== null && { publishTime }),
  };
}

/** Whether both say the same, so that an unchanged announcement is not written again. */
export function sameAnnouncement(one: AnnouncementRecord, other: AnnouncementRecord): boolean {
  return one.every((value, position) =>
    Array.isArray(value) ? sameList(value, other[position]) : value === other[position],
  );
}

function sameList(one: string[], other: AnnouncementRecord[number] | undefined): boolean {
  return Array.isArray(other) && one.length === other.length && one.every((value, index) => value === other[index]);
}

function decodeDigests(list: string[]): Record<string, string> {
  const digests: Record<string, string> = Object.create(null);
  for (let index = 0; index + 1 < list.length; index += 2) digests[list[index] as string] = list[index + 1] as string;
  return digests;
}
