import { createHash } from "node:crypto";
import type { CatalogStore } from "#internal/database/catalog-store.ts";
import type { IndexState } from "#internal/database/index-state.ts";
import type { IndexOutcome } from "#internal/database/index-task-finish.ts";
import type { ClaimedTask } from "#internal/database/index-task-lease.ts";
import type { IndexTaskStore } from "#internal/database/index-task-store.ts";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import { Fault, isFault } from "#internal/fault/fault.ts";
import type { Format } from "#internal/format/format.ts";
import type { Repository } from "#internal/repository/repository.ts";
import { compareWithCatalog } from "./catalog-difference.ts";
import type { FetchedIndex, FetchIndex } from "./fetch-index.ts";
import { chunksOf } from "./index-chunks.ts";
import { countSeen, type IndexContents } from "./index-contents.ts";
import { needIndexable } from "./indexable.ts";
import { readIndex } from "./read-index.ts";
import { causeToHold } from "./removal-guard.ts";

/** What a run needs. */
export interface RunDeps {
  readonly tasks: IndexTaskStore;
  readonly catalog: CatalogStore;
  readonly repositories: RepositoryStore;
  readonly formats: ReadonlyMap<string, Format>;
  readonly fetchIndex: FetchIndex;
  /** How long a worker may be silent before its task is another's. */
  readonly leaseMs: number;
}

type Index = Extract<FetchedIndex, { status: 200 }>;

const NAMES_PER_CHUNK = 500;
const DONE = { state: "SUCCEEDED", cause: "", causeReason: "", unchanged: false, complete: undefined } as const;

/**
 * Reads the index of the task's repository into the catalogue, and says how it ended. The catalogue is changed in chunks, each of which proves
 * the lease; nothing is removed before it is known how much that would be.
 * @throws Fault when index or database could not be had; LeaseLost.
 */
export async function runTask(deps: RunDeps, claimed: ClaimedTask, signal: AbortSignal): Promise<IndexOutcome> {
  const { task } = claimed;
  const repository = await findRepository(deps, claimed);
  if (!repository) return { ...DONE, state: "SUPERSEDED", cause: "the repository was deleted", indexDigest: "" };
  const format = needIndexable(deps.formats, repository);
  if (repository.upstreamMode === "OFFLINE") {
    throw new Fault("UPSTREAM_OFFLINE", `the upstream of repository "${repository.id}" is set OFFLINE`);
  }
  const known = await deps.tasks.indexState(repository.uid);
  const validators = !task.force && validatorsFor(repository, known);
  const fetched = await deps.fetchIndex(repository, format, validators || undefined, signal);
  if (fetched.status === 304) {
    if (!validators) throw new Fault("UPSTREAM_INVALID", "the upstream answered 304 to a request without validators");
    return { ...DONE, unchanged: true, indexDigest: known.digest };
  }
  const indexDigest = `sha256:${createHash("sha256").update(fetched.body).digest("hex")}`;
  const complete = completeOf(repository, fetched, indexDigest);
  if (indexDigest === known.digest && !task.force) return { ...DONE, unchanged: true, indexDigest, complete };

  const contents = await readIndex(format, fetched, task.packages, signal);
  return compareAndApply(deps, claimed, contents, { digestBefore: known.digest, complete, indexDigest }, signal);
}

async function findRepository({ repositories }: RunDeps, { task }: ClaimedTask): Promise<Repository | undefined> {
  try {
    const repository = await repositories.get(task.repositoryId);
    return repository.uid === task.repositoryUid ? repository : undefined;
  } catch (error) {
    if (isFault(error, "REPOSITORY_NOT_FOUND")) return undefined;
    throw error;
  }
}

/** Another upstream's validators could make it say that nothing has changed. */
function validatorsFor({ upstreamUrl }: Repository, { digest, validators }: IndexState) {
  const isOurs = digest !== "" && validators.upstreamUrl === upstreamUrl;
  if (!isOurs || (validators.etag === "" && validators.lastModified === "")) return undefined;
  return { etag: validators.etag, lastModified: validators.lastModified };
}

function completeOf({ upstreamUrl }: Repository, { etag, lastModified }: Index, digest: string) {
  return { digest, upstreamUrl, etag, lastModified };
}

async function compareAndApply(
  { catalog, tasks, leaseMs }: RunDeps,
  { task, lease }: ClaimedTask,
  contents: IndexContents,
  { digestBefore, complete, indexDigest }: Pick<IndexOutcome, "complete" | "indexDigest"> & { digestBefore: string },
  signal: AbortSignal,
): Promise<IndexOutcome> {
  const uid = task.repositoryUid;
  const { packages, issues, failed } = contents;
  const seen = countSeen(contents);
  const skip = await tasks.begin(lease, leaseMs, { digest: indexDigest, digestBefore, seen, failed, issues });
  const { listed, removed, vanished } = await compareWithCatalog(catalog, uid, contents, task.packages);
  const cause = causeToHold({ listed, removed, indexed: seen - failed });
  if (cause && indexDigest !== task.confirmedDigest) {
    const remedy = `if it is meant, call RepoIndexer.ConfirmRemovals with indexTasks/${task.id}`;
    return { ...DONE, state: "HELD", cause: `${cause}; ${remedy}`, indexDigest };
  }

  for (const chunk of chunksOf(packages.values(), skip)) {
    signal.throwIfAborted();
    await catalog.apply(lease, leaseMs, uid, chunk);
  }
  for (let at = 0; at < vanished.length; at += NAMES_PER_CHUNK) {
    signal.throwIfAborted();
    await catalog.remove(lease, leaseMs, uid, vanished.slice(at, at + NAMES_PER_CHUNK));
  }
  if (failed > 0) {
    const entries = failed === 1 ? "1 entry" : `${failed} entries`;
    return { ...DONE, state: "PARTIAL", cause: `${entries} of the index could not be read`, indexDigest };
  }
  // A run over some packages does not stand for the whole index.
  return { ...DONE, indexDigest, complete: task.packages.length === 0 ? complete : undefined };
}
