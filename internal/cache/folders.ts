import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";
import { codeOf } from "./storage-fault.ts";

/** Runs `create`; when a folder on its way is missing (new, or somebody deleted the cache), makes `folder` and runs it once more. */
export async function withFolder<T>(folder: string, create: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw error;
    await mkdir(folder, { recursive: true });
    await syncFolder(dirname(folder));
    return await create();
  }
}

/** Makes the names in `folder` durable. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
