import { Fault } from "#internal/fault/fault.ts";
import type { Announcement, DocumentKind, DocumentSource, Representation } from "../format.ts";
import { type ChartEntry, toChartEntry, toIndexHeader } from "./chart-entry.ts";
import { chartAnnouncements, chartFileOf } from "./chart-file.ts";
import { type ChartIndex, openChartIndex } from "./chart-index.ts";

const OTHER_SCHEME = /^(?!https?:)[a-z][a-z0-9+.-]*:/i;

/** `index.yaml`: sent on with links to us. */
export const indexKind: DocumentKind = {
  accept: "application/yaml, text/yaml, application/json;q=0.9, */*;q=0.1",
  ttlMs: "repository",
  maxBytes: 128 * 1024 * 1024,
  parse(source) {
    const index = openChartIndex(source);
    return {
      announcements: () => announcementsOf(index, baseUrlOf(source)),
      // YAML that stops at any line is YAML; `generated` comes after the entries.
      standing: () => ({ revision: undefined, releases: [], hasEnd: index.header.generated !== undefined }),
      represent: (representation) => (representation === "index" ? represent(index, baseUrlOf(source)) : undefined),
    };
  },
};

/** Relative links hang on the address that Helm was told, not on the one that it was redirected to. */
export function baseUrlOf({ url, requestedUrl }: DocumentSource): string {
  return requestedUrl ?? url;
}

/** The versions of one package that a client can name: each once, the first wins. */
function* usableEntries(list: readonly unknown[]): Iterable<ChartEntry> {
  const seen = new Set<string>();
  for (const each of list) {
    const entry = toChartEntry(each);
    if (entry?.version === undefined || entry.version === "" || seen.has(entry.version)) continue;
    seen.add(entry.version);
    yield entry;
  }
}

function* announcementsOf(index: ChartIndex, baseUrl: string): Iterable<Announcement> {
  for (const { name, entries } of index.packages()) {
    for (const entry of usableEntries(entries)) {
      const file = chartFileOf(name, entry, baseUrl);
      if (file) yield* chartAnnouncements(name, entry, file);
    }
  }
}

/**
 * JSON, which is YAML: Helm looks whether it is JSON first, and reads it many times as fast. One package a line.
 * What would make Helm refuse the whole index (a package that is no YAML, a number for a version) is left out or made right.
 */
function represent(index: ChartIndex, baseUrl: string): Representation {
  const header = JSON.stringify(toIndexHeader(index.header)).slice(0, -1);
  const chunks = [Buffer.from(`${header},"entries":{`)];
  for (const { name, entries, problem } of index.packages()) {
    if (problem !== undefined) continue;
    const versions = Array.from(usableEntries(entries), (entry) => linkToUs(name, entry, baseUrl));
    chunks.push(Buffer.from(`${chunks.length === 1 ? "" : ","}\n${JSON.stringify(name)}:${toJson(versions)}`));
  }
  chunks.push(Buffer.from("}}\n"));
  return { contentType: "application/yaml", body: Buffer.concat(chunks) };
}

/** A link by http(s) that we cannot serve is left out: the client would go round us. Other schemes are none of ours. */
function linkToUs(name: string, entry: ChartEntry, baseUrl: string): ChartEntry {
  const file = chartFileOf(name, entry, baseUrl);
  if (file) return { ...entry, urls: [file.link] };
  return entry.urls ? { ...entry, urls: entry.urls.filter((url) => OTHER_SCHEME.test(url)) } : entry;
}

function toJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    // The stack ends before a nesting that JSON.parse has taken.
    throw new Fault("LIMIT_EXCEEDED", "the index is nested too deeply", {}, { cause: error });
  }
}
