import { Fault } from "#internal/fault/fault.ts";

/** The entity tag of a row's version. */
export function etagOf(version: number): string {
  return `"${version}"`;
}

/**
 * The version that an etag names; undefined for "".
 * @throws Fault ETAG_STALE for one that Larder never gave: it is not the stored one.
 */
export function readEtag(etag: string): number | undefined {
  if (etag === "") return undefined;
  const version = /^"([1-9][0-9]{0,14})"$/.exec(etag)?.[1];
  if (version === undefined) {
    throw new Fault("ETAG_STALE", "etag is not one that Larder has given: read the resource again", { field: "etag" });
  }
  return Number(version);
}
