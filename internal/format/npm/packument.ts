import type { DocumentSource, ParsedDocument, Representation } from "../format.ts";
import { abbreviated } from "./abbreviated.ts";
import { isObject, type JsonObject, notThat, own, readObject, writeJson } from "./json.ts";
import { ABBREVIATED_TYPE, JSON_TYPE } from "./media-type.ts";
import { announcementOf, pointHere, type Release, releasesOf } from "./release.ts";

/**
 * Reads a full packument.
 * @throws Fault UPSTREAM_INVALID when it is none, or one of another package.
 */
export function readPackument(source: DocumentSource): ParsedDocument {
  const packument = readObject(source);
  const packageName = source.ref.packageName ?? source.ref.key;
  if ((packument.name ?? packument._id) !== packageName) throw notThat(source, `the document of "${packageName}"`);
  // A package that was unpublished as a whole keeps a document that says so.
  const unpublished = packument.versions === undefined && isObject(own(packument.time, "unpublished"));
  const versions = unpublished ? {} : packument.versions;
  if (!isObject(versions)) throw notThat(source, "a package document with versions");

  const releases = releasesOf(packageName, versions);
  return {
    *announcements() {
      const documentUrl = new URL(source.url);
      for (const release of releases) {
        const publishTime = own(packument.time, release.version);
        const announcement = announcementOf(packageName, release, publishTime, documentUrl);
        if (announcement) yield announcement;
      }
    },
    standing: () => ({
      revision: timeOf(own(packument.time, "modified") ?? packument.modified),
      releases: releases.map(({ version }) => version),
    }),
    represent: (representation, { repositoryUrl }) => {
      const here = (release: Release) => pointHere(packageName, release, repositoryUrl);
      return represent(representation, packument, releases, here);
    },
  };
}

/** `here` edits the parsed document in place: a copy of 40 MB would cost more than all the rest. */
function represent(
  representation: string,
  packument: JsonObject,
  releases: readonly Release[],
  here: (release: Release) => void,
): Representation | undefined {
  if (representation === "dist-tags") return json(packument["dist-tags"] ?? {});
  if (representation.startsWith("version/")) {
    const release = releaseOf(representation.slice("version/".length), packument, releases);
    if (release === undefined) return undefined;
    here(release);
    return json(release.manifest);
  }

  if (representation !== "full" && representation !== "abbreviated") return undefined;
  releases.forEach(here);
  if (representation === "full") return json(packument);
  return { contentType: ABBREVIATED_TYPE, body: writeJson(abbreviated(packument, releases)) };
}

/** Undefined: no time. */
function timeOf(text: unknown): number | undefined {
  const timeMs = typeof text === "string" ? Date.parse(text) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

function releaseOf(versionOrTag: string, packument: JsonObject, releases: readonly Release[]): Release | undefined {
  const tagged = own(packument["dist-tags"], versionOrTag);
  return releases.find(({ version }) => version === versionOrTag) ?? releases.find(({ version }) => version === tagged);
}

function json(value: unknown): Representation {
  return { contentType: JSON_TYPE, body: writeJson(value) };
}
