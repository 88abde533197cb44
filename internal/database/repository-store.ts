import type { NewRepositoryEvent, RepositoryEvent } from "#internal/repository/event.ts";
import type { Credential, Repository, UpstreamMode } from "#internal/repository/repository.ts";
import { purgeCatalogue } from "./catalog-purge.ts";
import { countChange, selectChangeCursor } from "./change-counter.ts";
import { openCredential } from "./credential-rows.ts";
import { decideRace } from "./decide-race.ts";
import { insertEvent, pruneEvents, selectEvents, selectEventsAfter, selectLastEventId } from "./event-rows.ts";
import type { Page, PageRequest } from "./page.ts";
import type { ChangeBy, NewRepository, RepositoryChanges, UpdateBy } from "./repository-changes.ts";
import { listRepositories, type RepositoryListRequest } from "./repository-list.ts";
import { selectRepository } from "./repository-rows.ts";
import {
  createRepository,
  deleteRepository,
  setCredential,
  setUpstreamMode,
  undeleteRepository,
  updateRepository,
} from "./repository-writes.ts";
import type { SecretBox } from "./secret-box.ts";
import type { Session, Sql } from "./session.ts";

/** The repositories. Every change writes its event in its own transaction. */
export interface RepositoryStore {
  /** Takes the id of a deleted repository, too. @throws Fault REPOSITORY_EXISTS; ARGUMENT_INVALID for labels. */
  create(repository: NewRepository, actor: string): Promise<Repository>;
  /** @throws Fault REPOSITORY_NOT_FOUND, also when it is deleted. */
  get(id: string): Promise<Repository>;
  /** @throws Fault ARGUMENT_INVALID for filter, order and page. */
  list(request: RepositoryListRequest): Promise<Page<Repository>>;
  /** Another upstream is followed by an index run, see `UpdateBy`. @throws Fault REPOSITORY_NOT_FOUND; ETAG_STALE; ARGUMENT_INVALID for labels. */
  update(id: string, changes: RepositoryChanges, by: UpdateBy): Promise<Repository>;
  /** Its active index task ends SUPERSEDED. @throws Fault REPOSITORY_NOT_FOUND; ETAG_STALE. */
  delete(id: string, by: ChangeBy): Promise<Repository>;
  /** All or none; in the order asked. @throws Fault REPOSITORY_NOT_FOUND. */
  deleteMany(ids: readonly string[], actor: string): Promise<Repository[]>;
  /** @throws Fault REPOSITORY_NOT_FOUND when no deleted repository has the id. */
  undelete(id: string, actor: string): Promise<Repository>;
  /** Undefined clears it. @throws Fault REPOSITORY_NOT_FOUND. */
  setCredential(id: string, credential: Credential | undefined, actor: string): Promise<Repository>;
  /** For the mirror and the indexer. @throws Fault REPOSITORY_NOT_FOUND; STORAGE_UNAVAILABLE when the secret key is another one. */
  readCredential(id: string): Promise<Credential | undefined>;
  /** Returns those that it names. @throws Fault REPOSITORY_NOT_FOUND. */
  setUpstreamMode(target: { readonly id: string } | "all", mode: UpstreamMode, actor: string): Promise<Repository[]>;
  /** Newest first; undefined: of all repositories. @throws Fault ARGUMENT_INVALID for the page. */
  listEvents(repositoryUid: string | undefined, request: PageRequest): Promise<Page<RepositoryEvent>>;
  /** Oldest first, those with a greater id: nothing comes before one that was returned. @throws Fault ARGUMENT_INVALID for the id. */
  eventsAfter(repositoryUid: string | undefined, afterId: string, limit: number): Promise<RepositoryEvent[]>;
  /** Of any repository; "0": nothing has happened. */
  lastEventId(): Promise<string>;
  appendEvent(event: NewRepositoryEvent): Promise<void>;
  /** Forgets events that are older than this, some at a time. Returns how many. */
  pruneEvents(keepMs: number): Promise<number>;
  /** Told after each change that this process has made; returns how to stop. */
  onChange(listener: () => void): () => void;
  /** Differs from what it was when any process has changed a repository or a credential. Cheap: for pollers. */
  changeCursor(): Promise<string>;
}

/** The store over a session of either dialect. */
export function createRepositoryStore(session: Session, box: SecretBox): RepositoryStore {
  const listeners = new Set<() => void>();
  const change = async <Result>(work: (sql: Sql, now: Date) => Promise<Result>): Promise<Result> => {
    const result = await session.write(async (sql, now) => {
      const done = await work(sql, now);
      await countChange(sql);
      return done;
    });
    for (const listener of listeners) listener();
    return result;
  };
  return {
    async create(repository, actor) {
      const { created, replacedUid } = await createRepository(change, box, repository, actor);
      if (replacedUid !== undefined) await purgeCatalogue(session, replacedUid);
      return created;
    },
    get: (id) => session.read((sql) => selectRepository(sql, id)),
    list: (request) => session.read((sql) => listRepositories(sql, request)),
    update: (id, changes, by) =>
      decideRace(() => change((sql, now) => updateRepository(sql, now, box, id, changes, by))),
    delete: (id, by) => change((sql, now) => deleteRepository(sql, now, id, by)),
    deleteMany: (ids, actor) =>
      change(async (sql, now) => {
        const deleted: Repository[] = [];
        for (const id of ids) deleted.push(await deleteRepository(sql, now, id, { actor }));
        return deleted;
      }),
    undelete: (id, actor) => change((sql, now) => undeleteRepository(sql, now, id, actor)),
    setCredential: (id, credential, actor) => change((sql, now) => setCredential(sql, now, box, id, credential, actor)),
    readCredential: (id) =>
      session.read(async (sql) => openCredential(sql, box, (await selectRepository(sql, id)).uid)),
    setUpstreamMode: (target, mode, actor) => change((sql, now) => setUpstreamMode(sql, now, target, mode, actor)),
    listEvents: (uid, request) => session.read((sql) => selectEvents(sql, uid, request)),
    eventsAfter: (uid, afterId, limit) => session.read((sql) => selectEventsAfter(sql, uid, afterId, limit)),
    lastEventId: () => session.read(selectLastEventId),
    appendEvent: (event) => session.write((sql, now) => insertEvent(sql, now, event)),
    pruneEvents: (keepMs) => session.write((sql, now) => pruneEvents(sql, new Date(now.getTime() - keepMs))),
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    changeCursor: () => session.read(selectChangeCursor),
  };
}
