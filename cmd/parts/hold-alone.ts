import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Foundation } from "./process-life.ts";
import { StartFailure } from "./start-failure.ts";

const SQLITE_BUSY = 5;

/**
 * Holds the lock file at `path` for as long as this process lives. SQLite takes a lock of the operating system's, which ends with the
 * process however that ends, and which processes in containers with a common volume see, too.
 * @param taken what to say when another process holds it
 * @throws StartFailure
 */
export async function holdAlone({ onStop }: Foundation, path: string, taken: string): Promise<void> {
  try {
    await mkdir(dirname(path), { recursive: true });
    const lock = new DatabaseSync(path, { timeout: 0 });
    onStop(async () => lock.close());
    lock.exec("pragma journal_mode = memory; begin exclusive");
  } catch (error) {
    const { errcode, message } = error as Error & { errcode?: number };
    throw new StartFailure(errcode === SQLITE_BUSY ? taken : `${path} cannot be locked: ${message}`, error);
  }
}
