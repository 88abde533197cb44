import { Fault } from "#internal/fault/fault.ts";
import type { IndexIssue } from "#internal/repository/index-task.ts";
import type { ListedPackage } from "#internal/repository/package.ts";
import type { ListedItem } from "./listed-items.ts";

/** All that an index lists. */
export interface IndexContents {
  /** By name, in the order of the index. */
  readonly packages: ReadonlyMap<string, ListedPackage>;
  /** The first of them. */
  readonly issues: readonly IndexIssue[];
  /** How many there are. */
  readonly failed: number;
  /** Packages that an issue names: they are in the index, even when nothing of them could be read. */
  readonly troubled: ReadonlySet<string>;
}

/** Takes items one by one. */
export interface ContentsCollector {
  /** @throws Fault LIMIT_EXCEEDED when the whole becomes larger than Larder takes. */
  add(item: ListedItem): void;
  /** Called once, after the last item. */
  finish(): IndexContents;
}

const MAX_VERSIONS = 2_000_000;
const MAX_PACKAGES = 500_000;
const MAX_METADATA_CHARACTERS = 512 * 1024 * 1024;
const MAX_ISSUES = 10_000;

/** `wanted` are the packages that are kept; empty: all. */
export function collectContents(wanted: readonly string[]): ContentsCollector {
  const only = new Set(wanted);
  const packages = new Map<string, ListedPackage>();
  const issues: IndexIssue[] = [];
  const unreadable = new Map<string, Set<string>>();
  let [versions, characters, failed] = [0, 0, 0];

  function addIssue(issue: IndexIssue): void {
    failed++;
    if (issues.length < MAX_ISSUES) issues.push(issue);
    const versionsOfIt = unreadable.get(issue.packageName) ?? new Set();
    unreadable.set(issue.packageName, versionsOfIt.add(issue.version));
  }

  function addPackage(listed: ListedPackage): void {
    if (packages.has(listed.name)) {
      addIssue({ packageName: listed.name, version: "", message: "the package is listed twice; the first is taken" });
      return;
    }
    versions += listed.versions.length;
    for (const { metadata } of listed.versions) characters += metadata.length;
    if (versions > MAX_VERSIONS || characters > MAX_METADATA_CHARACTERS || packages.size === MAX_PACKAGES) {
      throw new Fault(
        "LIMIT_EXCEEDED",
        `the index lists more than ${MAX_PACKAGES} packages, ${MAX_VERSIONS} versions or 512 MiB`,
      );
    }
    packages.set(listed.name, listed);
  }

  return {
    add(item) {
      const name = item.kind === "package" ? item.package.name : item.issue.packageName;
      if (only.size > 0 && !only.has(name)) return;
      if (item.kind === "package") addPackage(item.package);
      else addIssue(item.issue);
    },
    finish() {
      for (const [name, names] of unreadable) {
        const listed = packages.get(name);
        if (listed) packages.set(name, { ...listed, unreadable: [...names] });
      }
      return { packages, issues, failed, troubled: new Set(unreadable.keys()) };
    },
  };
}

/** Versions in the index: those that are listed, and those that could not be read. */
export function countSeen({ packages, issues, failed }: IndexContents): number {
  let seen = failed;
  for (const { versions } of packages.values()) seen += versions.length;
  // An issue of a version that is listed all the same counts it a second time.
  for (const { packageName, version } of issues) {
    if (packages.get(packageName)?.versions.some((each) => each.version === version)) seen--;
  }
  return seen;
}
