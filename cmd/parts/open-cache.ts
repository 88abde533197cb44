import { mkdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Cache } from "#internal/cache/cache.ts";
import { openCache } from "#internal/cache/open-cache.ts";
import { holdAlone } from "./hold-alone.ts";
import type { Foundation } from "./process-life.ts";
import { StartFailure } from "./start-failure.ts";

const SHARE_OF_FREE_SPACE = 0.9;

/** The machine's cache. @param owner in exactly one process of the machine. */
export async function openMachineCache(foundation: Foundation, owner: boolean): Promise<Cache> {
  const { configuration, logger, metrics, onStop } = foundation;
  const { cacheDir, cacheMaxBytes } = configuration;
  if (owner) {
    const taken = `the cache in ${cacheDir} has an owner: stop it, or give this process a LARDER_CACHE_DIR of its own`;
    await holdAlone(foundation, join(cacheDir, "owner.lock"), taken);
  }
  const freeBytes = await freeBytesAt(cacheDir);
  const cache = await openCache({
    directory: cacheDir,
    // What is cached already is not free any more, but is ours to keep.
    maxBytes: cacheMaxBytes ?? ((storedBytes) => Math.floor((freeBytes + storedBytes) * SHARE_OF_FREE_SPACE)),
    owner,
    onError: (error) => logger.error("cache maintenance failed", { error }),
  });
  onStop(() => cache.close());
  metrics.observeCache(() => cache.stats());
  return cache;
}

async function freeBytesAt(folder: string): Promise<number> {
  try {
    await mkdir(folder, { recursive: true });
    const { bavail, bsize } = await statfs(folder);
    return bavail * bsize;
  } catch (error) {
    throw new StartFailure(`the cache folder ${folder} cannot be used: ${(error as Error).message}`, error);
  }
}
