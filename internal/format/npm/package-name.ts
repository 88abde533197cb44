import { encodePath, encodeSegment } from "../path.ts";

// What encodeURIComponent leaves alone: legacy names have capitals and "!~*'()". None starts with "." and no unscoped one with "_".
const SCOPE = /^@[\w.~!*'()-]+$/;
const UNSCOPED = /^[a-z\d~!*'()-][\w.~!*'()-]*$/i;
const SCOPED = /^[\w~!*'()-][\w.~!*'()-]*$/;
const MAX_LENGTH = 256;

/** A package name at the start of `segments`, and what follows it. Undefined: no package can have that name. */
export function takePackageName(segments: readonly string[]): { name: string; rest: readonly string[] } | undefined {
  const [first = "", second = ""] = segments;
  if (!first.startsWith("@")) return UNSCOPED.test(first) ? bounded(first, segments.slice(1)) : undefined;
  return SCOPE.test(first) && SCOPED.test(second) ? bounded(`${first}/${second}`, segments.slice(2)) : undefined;
}

function bounded(name: string, rest: readonly string[]) {
  return name.length <= MAX_LENGTH ? { name, rest } : undefined;
}

/** "name" of "@scope/name". */
export function withoutScope(name: string): string {
  return name.slice(name.indexOf("/") + 1);
}

/** As clients spell it in paths of documents: "@scope%2fname". */
export function escapedName(name: string): string {
  return name.split("/").map(encodeSegment).join("%2f");
}

/** As tarball addresses spell it: "@scope/name". */
export function pathOfName(name: string): string {
  return encodePath(name.split("/"));
}

/** Writes the slash of a scope plainly wherever a client escaped it: npm and pnpm send "@scope%2fname", others "%40scope%2Fname". */
export function withPlainScopes(path: string): string {
  if (!path.includes("%")) return path;
  return path.replace(/(^|\/)((?:@|%40)[^/%]+)%2f/gi, "$1$2/");
}
