import type { SemVer } from "semver";
import { Fault, isFault } from "#internal/fault/fault.ts";
import type { DocumentSource, IndexedPackage, IndexedVersion, IndexItem } from "../format.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type ChartEntry, toChartEntry } from "./chart-entry.ts";
import { chartFileOf, sha256Of } from "./chart-file.ts";
import { type ListedPackage, openChartIndex } from "./chart-index.ts";
import { parseChartVersion } from "./chart-version.ts";
import { baseUrlOf } from "./index-document.ts";

/** One package at a time, each with its issues before it. A bad version is an issue and not listed; the others are. */
export function* readIndex(source: DocumentSource): Iterable<IndexItem> {
  const baseUrl = baseUrlOf(source);
  for (const listed of openChartIndex(source).packages()) {
    if (listed.problem !== undefined) yield { kind: "issue", packageName: listed.name, message: listed.problem };
    else yield* readPackage(listed, baseUrl);
  }
}

function* readPackage({ name, entries }: ListedPackage, baseUrl: string): Iterable<IndexItem> {
  const usable = new Map<string, ReadEntry>();
  for (const each of entries) {
    const entry = toChartEntry(each) ?? {};
    try {
      const read = readEntry(name, entry, baseUrl);
      if (usable.has(read.indexed.version)) throw bad("it is listed twice; the first is taken");
      usable.set(read.indexed.version, read);
      if (entry.digest !== undefined && read.indexed.digest === undefined) {
        yield issue(name, entry.version, `its digest ${JSON.stringify(entry.digest)} is no SHA-256 and not used`);
      }
    } catch (error) {
      if (!isFault(error)) throw error;
      yield issue(name, entry.version, error.message);
    }
  }
  if (usable.size > 0) yield { kind: "package", package: toPackage(name, [...usable.values()]) };
}

function issue(packageName: string, version: string | undefined, message: string): IndexItem {
  return { kind: "issue", packageName, ...(version !== undefined && { version }), message };
}

function bad(message: string): Fault {
  return new Fault("UPSTREAM_INVALID", message);
}

/** One version of the list, checked. */
interface ReadEntry {
  readonly semver: SemVer;
  readonly description: string;
  readonly indexed: IndexedVersion;
}

/** @throws Fault that says why the version cannot be listed. */
function readEntry(name: string, entry: ChartEntry, baseUrl: string): ReadEntry {
  const { version, urls = [], description = "" } = entry;
  if (!entry.name) throw bad("it is no mapping with a name");
  if (!version) throw bad("it has no version");
  const semver = parseChartVersion(version);
  if (semver === undefined) throw bad(`its version ${JSON.stringify(version)} is no semantic version`);
  if (urls.length === 0) throw bad("it has no urls");
  if (!chartFileOf(name, entry, baseUrl) && !urls.some((url) => url.startsWith("oci://"))) {
    throw bad("its name or its urls cannot be used");
  }
  return { semver, description, indexed: toVersion(version, entry) };
}

function toVersion(version: string, entry: ChartEntry): IndexedVersion {
  const { appVersion, created, deprecated = false } = entry;
  const sha256 = sha256Of(entry.digest);
  return {
    version,
    ...(appVersion !== undefined && { appVersion }),
    ...(sha256 !== undefined && { digest: `sha256:${sha256}` }),
    ...(created !== undefined && { publishTime: created }),
    deprecated,
    metadata: canonicalJson(entry),
  };
}

/** Description and deprecation are those of the newest version, a stable one if there is one. */
function toPackage(name: string, entries: readonly ReadEntry[]): IndexedPackage {
  const stable = entries.filter(({ semver }) => semver.prerelease.length === 0);
  const newest = (stable.length > 0 ? stable : entries).reduce((best, entry) =>
    entry.semver.compare(best.semver) > 0 ? entry : best,
  );
  return {
    name,
    description: newest.description,
    deprecated: newest.indexed.deprecated,
    versions: entries.map(({ indexed }) => indexed),
  };
}
