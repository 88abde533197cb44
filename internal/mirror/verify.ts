import type { BlobRef, Entry } from "#internal/cache/cache.ts";
import { isFault } from "#internal/fault/fault.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { createDamage } from "./damage.ts";
import type { Files } from "./files.ts";
import { createFirstSeen } from "./first-seen.ts";
import { createDocumentHealing } from "./healing-documents.ts";
import { createFileHealing } from "./healing-files.ts";
import type { MirrorDeps } from "./mirror-deps.ts";

/** Reads every stored body of the repositories again. */
export type Verify = (request: VerifyRequest) => AsyncIterable<VerifyProgress>;

export interface VerifyRequest {
  readonly repositories: Iterable<Repository> | AsyncIterable<Repository>;
  /** False: rotten bytes are taken away all the same, so that nobody gets them; nothing else is done. */
  readonly heal: boolean;
  readonly signal: AbortSignal;
}

/** How far it has come. Each damaged body is told in the message after it was found; the last message has `done`. */
export interface VerifyProgress {
  readonly entries: number;
  readonly bytes: number;
  readonly rotten: number;
  readonly missing: number;
  readonly healed: number;
  /** Healing was asked for, and was not possible. */
  readonly unrepairable: number;
  readonly damage: DamagedBody | undefined;
  readonly done: boolean;
}

export interface DamagedBody {
  readonly repositoryId: string;
  /** Of the entry, without the repository's uid. */
  readonly entry: string;
  readonly digest: string;
  readonly state: "rotten" | "missing";
  readonly healed: boolean;
  /** Why not; "" when nobody tried. */
  readonly detail: string;
}

type Counts = { -readonly [Name in "entries" | "bytes" | "rotten" | "missing" | "healed" | "unrepairable"]: number };

/** One body of an entry. */
interface Body {
  readonly blob: BlobRef;
  /** As the upstream sent it; else derived. */
  readonly isOriginal: boolean;
  mend(): Promise<unknown>;
}

type Outcome = Pick<DamagedBody, "healed" | "detail">;

const UNTRIED: Outcome = { healed: false, detail: "" };
const LOST_WITH_ORIGINAL: Outcome = { healed: false, detail: "what it is made of is lost too" };
const BATCH = 100;

export function createVerify(deps: MirrorDeps, files: Pick<Files, "resolve">): Verify {
  const { cache } = deps;
  const damage = createDamage(deps);
  const firstSeen = createFirstSeen(deps);
  const healFile = createFileHealing(deps, files);
  const healDocument = createDocumentHealing(deps);

  async function* verify({ repositories, ...request }: VerifyRequest): AsyncIterable<VerifyProgress> {
    const counts: Counts = { entries: 0, bytes: 0, rotten: 0, missing: 0, healed: 0, unrepairable: 0 };
    for await (const repository of repositories) {
      for (const batch of batchesOf(repository)) {
        for await (const found of inspectAll(repository, batch, request, counts)) {
          yield { ...counts, damage: found, done: false };
        }
        yield { ...counts, damage: undefined, done: false };
      }
    }
    yield { ...counts, damage: undefined, done: true };
  }

  async function* inspectAll(
    repository: Repository,
    entries: readonly Entry[],
    { heal, signal }: Pick<VerifyRequest, "heal" | "signal">,
    counts: Counts,
  ): AsyncIterable<DamagedBody> {
    for (const entry of entries) {
      signal.throwIfAborted();
      for await (const found of inspect(repository, entry, heal)) {
        counts[found.state] += 1;
        if (heal) counts[found.healed ? "healed" : "unrepairable"] += 1;
        yield found;
      }
      counts.entries += 1;
      for (const { blob } of bodiesOf(repository, entry)) counts.bytes += blob.sizeBytes;
    }
  }

  function* batchesOf({ uid }: Repository): Iterable<readonly Entry[]> {
    let after: string | undefined;
    while (true) {
      const batch = cache.list(`${uid}/`, after, BATCH);
      if (batch.length === 0) return;
      yield batch;
      after = batch.at(-1)?.key;
    }
  }

  /** The original first: what was derived is derived from it again. */
  async function* inspect(repository: Repository, entry: Entry, heal: boolean): AsyncIterable<DamagedBody> {
    let isDamaged = false;
    let isOriginalLost = false;
    for (const { blob, isOriginal, mend } of bodiesOf(repository, entry)) {
      const state = await damage.inspect({ repository, key: entry.key }, blob);
      // What was evicted or replaced meanwhile is not missing.
      if (state === "intact" || !isNamed(entry.key, blob)) continue;
      isDamaged = true;
      const outcome: Outcome = heal ? await attempt(mend, isOriginalLost) : UNTRIED;
      isOriginalLost ||= isOriginal && !outcome.healed;
      const name = entry.key.slice(repository.uid.length + 1);
      yield { repositoryId: repository.id, entry: name, digest: blob.digest, state, ...outcome };
    }
    if (!isDamaged) await note(repository, entry);
  }

  function isNamed(key: string, { digest }: BlobRef): boolean {
    const current = cache.find(key);
    const derived = Object.values(current?.representations ?? {});
    return current?.blob?.digest === digest || derived.some(({ blob }) => blob?.digest === digest);
  }

  /** The bodies that an entry names, and how each is had again. */
  function* bodiesOf(repository: Repository, entry: Entry): Iterable<Body> {
    const { blob, kind, key, representations } = entry;
    if (blob) {
      const mend = () => (kind === "file" ? healFile(repository, entry) : healDocument(repository, entry, blob));
      yield { blob, isOriginal: true, mend };
    }
    for (const [name, { blob: derived }] of Object.entries(representations)) {
      if (!derived) continue;
      const mend = () => cache.update(key, (current) => without(current, name, derived));
      yield { blob: derived, isOriginal: false, mend };
    }
  }

  /** The ledger gets what it has not: it was away for long, or is younger than this cache. */
  async function note(repository: Repository, entry: Entry): Promise<void> {
    const { key, kind, blob, freshForMs, packageName = "", version = "", upstreamUrl } = entry;
    if (kind !== "file" || !blob || freshForMs !== undefined) return;
    const path = key.slice(`${repository.uid}/file/`.length);
    await firstSeen.record(repository, { path, mutable: false, packageName, version }, upstreamUrl, blob);
  }

  return verify;
}

async function attempt(mend: () => Promise<unknown>, isOriginalLost: boolean): Promise<Outcome> {
  if (isOriginalLost) return LOST_WITH_ORIGINAL;
  try {
    await mend();
    return { healed: true, detail: "" };
  } catch (error) {
    if (!isFault(error)) throw error;
    return { healed: false, detail: error.message };
  }
}

/** Without a derived body, unless it was made again meanwhile: it is made when somebody asks for it. */
function without(entry: Entry, name: string, { digest }: BlobRef): Entry {
  const { [name]: form, ...others } = entry.representations;
  return form?.blob?.digest === digest ? { ...entry, representations: others } : entry;
}
