import type { Repository } from "./repository.ts";

/** All repositories of the installation in memory, so that no request waits for SQL. */
export interface RepositorySnapshot {
  find(id: string): Repository | undefined;
  list(): readonly Repository[];
  /** A reload that is due or under way; undefined when there is none. Who must see the last change waits for it. */
  pending(): Promise<void> | undefined;
  /** Something changed: reload now. */
  refresh(): Promise<void>;
  stop(): void;
}

export interface SnapshotOptions {
  /** All that are not deleted. */
  load(): Promise<readonly Repository[]>;
  /** Changes when a repository did; asked every `pollMs`, for changes made by other processes. */
  cursor(): Promise<string>;
  readonly pollMs: number;
  /** A failed poll; what is known stays in use. */
  onError(error: unknown): void;
}

/** Loads once before it resolves, so that a process that starts knows its repositories. */
export async function openSnapshot({ load, cursor, pollMs, onError }: SnapshotOptions): Promise<RepositorySnapshot> {
  let byId: ReadonlyMap<string, Repository> = new Map();
  let seen = "";
  let running: Promise<void> | undefined;
  let again = false;

  const reload = async (): Promise<void> => {
    do {
      again = false;
      // The cursor first: a change between the two reads shows again at the next poll.
      seen = await cursor();
      byId = new Map((await load()).map((repository) => [repository.id, repository]));
    } while (again);
  };

  /** A change during a reload may have been missed by it, so it runs once more. */
  const refresh = (): Promise<void> => {
    if (running) again = true;
    running ??= reload().finally(() => {
      running = undefined;
    });
    return running;
  };

  const poll = async (): Promise<void> => {
    if ((await cursor()) !== seen) await refresh();
  };

  await refresh();
  const timer = setInterval(() => void poll().catch(onError), pollMs);
  timer.unref();
  return {
    find: (id) => byId.get(id),
    list: () => [...byId.values()],
    pending: () => running,
    refresh,
    stop: () => clearInterval(timer),
  };
}
