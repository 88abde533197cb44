import { setTimeout as sleep } from "node:timers/promises";
import type { Sighting } from "#internal/repository/sighting.ts";

/** The first digest ever seen of each file, in the catalogue: it outlives the cache, and machines share it. */
export interface LedgerStore {
  find(repositoryUid: string, path: string): Promise<string | undefined>;
  /** Who is first stays. Resolves to the digest that is kept of each, in their order. May be repeated. */
  record(sightings: readonly Sighting[]): Promise<readonly string[]>;
}

/** The ledger as downloads see it: never in their way. */
export interface Ledger {
  /** Hex SHA-256. Undefined: never seen, or the catalogue does not answer now; then what the cache knows decides. Never fails, never waits long. */
  find(repositoryUid: string, path: string): Promise<string | undefined>;
  /** Writes behind. `onOther` is told the digest that somebody else has seen before, if it is another one. */
  record(sighting: Sighting, onOther: (digest: string) => void): void;
  /** Writes what is left, if the catalogue takes it now. */
  close(): Promise<void>;
}

export interface LedgerDeps {
  readonly store: LedgerStore;
  /** For the log: what could not be written yet, or was not asked for in time. */
  readonly onError: (error: unknown) => void;
  readonly patienceMs?: number;
}

interface Waiting {
  readonly sighting: Sighting;
  readonly onOther: (digest: string) => void;
}

/** The longest that a download waits for the catalogue. */
const PATIENCE_MS = 1_000;
/** One that did not answer is not waited for again so soon. */
const AWAY_MS = 5_000;
const GATHER_MS = 100;
const LONGEST_PAUSE_MS = 30_000;
const BATCH = 200;
/** Beyond, the newest are not noted: the cache keeps their digests, and VerifyCache brings them back. */
const MAX_WAITING = 50_000;

export function createLedger({ store, onError, patienceMs = PATIENCE_MS }: LedgerDeps): Ledger {
  const waiting = new Map<string, Waiting>();
  let timer: NodeJS.Timeout | undefined;
  let flushing: Promise<void> | undefined;
  let failures = 0;
  let awayUntilMs = Number.NEGATIVE_INFINITY;
  let isClosed = false;

  const schedule = (): void => {
    if (isClosed || timer !== undefined || flushing !== undefined || waiting.size === 0) return;
    timer = setTimeout(() => void flush(), Math.min(LONGEST_PAUSE_MS, GATHER_MS * 4 ** failures)).unref();
  };

  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    flushing ??= writeBatch().finally(() => {
      flushing = undefined;
      schedule();
    });
    return flushing;
  };

  const writeBatch = async (): Promise<void> => {
    const batch = [...waiting].slice(0, BATCH);
    try {
      const kept = await store.record(batch.map(([, { sighting }]) => sighting));
      failures = 0;
      for (const [index, [key, { sighting, onOther }]] of batch.entries()) {
        waiting.delete(key);
        const digest = kept[index] ?? sighting.digest;
        if (digest !== sighting.digest) onOther(digest);
      }
    } catch (error) {
      failures += 1;
      onError(error);
    }
  };

  const ask = async (repositoryUid: string, path: string): Promise<string | undefined> => {
    const silence = new AbortController();
    const tooLong = async (): Promise<never> => {
      await sleep(patienceMs, undefined, { signal: silence.signal });
      throw new Error(`the catalogue did not tell of ${path} within ${patienceMs} ms`);
    };
    try {
      return await Promise.race([store.find(repositoryUid, path), tooLong()]);
    } catch (error) {
      awayUntilMs = performance.now() + AWAY_MS;
      onError(error);
      return undefined;
    } finally {
      silence.abort();
    }
  };

  return {
    async find(repositoryUid, path) {
      const noted = waiting.get(keyOf(repositoryUid, path));
      if (noted) return noted.sighting.digest;
      return performance.now() < awayUntilMs ? undefined : ask(repositoryUid, path);
    },
    record(sighting, onOther) {
      const key = keyOf(sighting.repositoryUid, sighting.path);
      if (waiting.has(key) || waiting.size >= MAX_WAITING) return;
      waiting.set(key, { sighting, onOther });
      schedule();
    },
    async close() {
      clearTimeout(timer);
      isClosed = true;
      while (waiting.size > 0) {
        const before = waiting.size;
        const isDone = await Promise.race([flush().then(() => true), sleep(patienceMs, false, { ref: false })]);
        if (!isDone || waiting.size === before) return;
      }
    },
  };
}

function keyOf(repositoryUid: string, path: string): string {
  return `${repositoryUid}/${path}`;
}
