import { mkdir, statfs } from "node:fs/promises";
import type { Cache } from "#internal/cache/cache.ts";
import { openCache } from "#internal/cache/open-cache.ts";
import type { Foundation } from "./run-process.ts";

const SHARE_OF_FREE_SPACE = 0.9;

/** The machine's cache. @param owner in exactly one process of the machine. */
export async function openMachineCache(
  { configuration, logger, metrics, onStop }: Foundation,
  owner: boolean,
): Promise<Cache> {
  const { cacheDir, cacheMaxBytes } = configuration;
  await mkdir(cacheDir, { recursive: true });
  const { bavail, bsize } = await statfs(cacheDir);
  const cache = await openCache({
    directory: cacheDir,
    // What is cached already is not free any more, but is ours to keep.
    maxBytes: cacheMaxBytes ?? ((storedBytes) => Math.floor((bavail * bsize + storedBytes) * SHARE_OF_FREE_SPACE)),
    owner,
    onError: (error) => logger.error("cache maintenance failed", { error }),
  });
  onStop(() => cache.close());
  metrics.observeCache(() => cache.stats());
  return cache;
}
