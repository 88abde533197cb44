import { SemVer } from "semver";

// Helm's parser forgives a "v" and absent numbers.
const LAX = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;
const MAX_LENGTH = 256;

/** A chart version as Helm understands it: "v1.2" is 1.2.0. Undefined: Helm would refuse it. */
export function parseChartVersion(version: string): SemVer | undefined {
  const match = version.length > MAX_LENGTH ? null : LAX.exec(version);
  if (match === null) return undefined;
  const [, major, minor = "0", patch = "0", prerelease = "", build = ""] = match;
  try {
    return new SemVer(`${major}.${minor}.${patch}${prerelease}${build}`, { loose: true });
  } catch {
    return undefined;
  }
}

/** Ascending in Helm's order; what is no version comes first, by its text. */
export function compareChartVersions(left: string, right: string): number {
  const a = parseChartVersion(left);
  const b = parseChartVersion(right);
  if (a && b) return a.compare(b) || a.compareBuild(b) || compareText(left, right);
  if (a) return 1;
  if (b) return -1;
  return compareText(left, right);
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}
