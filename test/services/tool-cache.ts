import { randomBytes } from "node:crypto";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Folder of the tools that `npm test` installs for itself, outside the repository so that a fresh clone finds them again:
 * LARDER_TEST_TOOLS_DIR, else larder-test-tools in the user's cache folder.
 */
export function toolCacheFolder(): string {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
  return process.env.LARDER_TEST_TOOLS_DIR || join(cache, "larder-test-tools");
}

/** A path beside `path` that nobody else uses: what is built there is renamed into place when it is complete. */
export function pathBeside(path: string): string {
  return `${path}.${randomBytes(4).toString("hex")}`;
}
