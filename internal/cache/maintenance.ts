import type { BlobStore } from "./blob-store.ts";
import type { CacheIndex } from "./cache-index.ts";
import type { CacheLayout } from "./cache-layout.ts";
import { sweepOrphans } from "./orphan-sweep.ts";
import type { Recency } from "./recency.ts";

export interface MaintenanceDeps {
  readonly owner: boolean;
  readonly layout: CacheLayout;
  readonly index: CacheIndex;
  readonly recency: Recency;
  readonly blobs: BlobStore;
  readonly evict: () => Promise<void>;
  /** What failed behind the traffic, for the log; the next round tries again. */
  readonly onError: (error: unknown) => void;
}

/** The work behind the traffic: writes uses, notices a deleted folder and, for the owner, sweeps and evicts. */
export interface Maintenance {
  /** Looks for blobs without an entry. */
  sweep(): void;
  /** Ends the rounds and writes what is left; resolves when nothing is under way. */
  stop(): Promise<void>;
}

const ROUND_MS = 3_000;

export function startMaintenance(deps: MaintenanceDeps): Maintenance {
  const { owner, layout, index, recency, blobs, evict, onError } = deps;
  const stopping = new AbortController();
  let round = Promise.resolve();
  let sweeping = Promise.resolve();

  async function runRound(): Promise<void> {
    index.refresh();
    await recency.flush();
    if (!owner) return;
    await evict();
    await blobs.discard(blobs.pins.expire());
  }

  async function runSweep(beforeMs: number): Promise<void> {
    const isNamed = (digest: string) => index.read(true, (tables) => tables.blobs.get(digest) !== undefined);
    await sweepOrphans({ layout, isNamed, discard: blobs.discard, beforeMs, signal: stopping.signal });
  }

  function sweep(): void {
    const beforeMs = Date.now();
    if (owner) sweeping = sweeping.then(() => runSweep(beforeMs)).catch(onError);
  }

  function startRound(): void {
    round = round.then(runRound).catch(onError);
  }

  const timer = setInterval(startRound, ROUND_MS);
  timer.unref();
  // The limit may be lower than it was, or a crash may have come before an eviction.
  startRound();
  sweep();

  return {
    sweep,
    async stop() {
      clearInterval(timer);
      stopping.abort();
      await Promise.all([round, sweeping]);
      await recency.flush().catch(onError);
    },
  };
}
