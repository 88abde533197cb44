import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isRunning, processIdentity } from "./process-identity.ts";

const owner = processIdentity();
let count = 0;

/** A path in `folder` that no other process and no other call gets; its name tells who made it. */
export function temporaryPath(folder: string): string {
  count++;
  return join(folder, `${owner}.${count}`);
}

/** Removes what processes that no longer run have left in `folder`. Resolves to the number of files. */
export async function sweepTemporaryFiles(folder: string): Promise<number> {
  await mkdir(folder, { recursive: true });
  const left = (await readdir(folder)).filter((name) => !isRunning(name.slice(0, name.indexOf("."))));
  for (const name of left) await rm(join(folder, name), { recursive: true, force: true });
  return left.length;
}
