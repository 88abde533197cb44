import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

// Debian keeps servers in sbin, which is not on the PATH of everybody who may start them.
const SERVER_FOLDERS = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

/** Path of the first of the names that is an executable on the PATH or in a system folder of servers. */
export function findBinary(...names: readonly string[]): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(delimiter).filter(Boolean), ...SERVER_FOLDERS];
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** Whether the path is a file that this process may execute. */
export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
