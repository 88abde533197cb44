import { createHash } from "node:crypto";

/** Of the column, in characters. */
const MAX_LENGTH = 512;
const KEPT_LENGTH = 400;

/**
 * The path as it is stored. One that is longer than its column, or ends in what MariaDB does not compare (blanks), is stored as its start and
 * its digest, behind a character that no path has.
 */
export function ledgerPath(path: string): string {
  if (path.length <= MAX_LENGTH && !/\s$/.test(path)) return path;
  return `${path.slice(0, KEPT_LENGTH).toWellFormed()}\n${createHash("sha256").update(path).digest("hex")}`;
}
