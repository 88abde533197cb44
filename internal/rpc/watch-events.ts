import { setTimeout as sleep } from "node:timers/promises";
import type { RepositoryStore } from "#internal/database/repository-store.ts";
import type { RepositoryEvent } from "#internal/repository/event.ts";
import { serverClosing } from "./call.ts";

/** Any process may write events, so the table is asked; this and the number below bound what a call costs. */
const POLL_MS = 1_000;
const EVENTS_PER_POLL = 100;

/** What to watch. */
export interface EventWatch {
  /** Undefined: every repository. */
  readonly repositoryUid: string | undefined;
  /** "": from now on. */
  readonly afterId: string;
}

/**
 * Events as they happen, oldest first, none missed and none twice.
 * @throws Fault ARGUMENT_INVALID for `afterId`; ConnectError UNAVAILABLE when the signal ends it: watch again, after the last id.
 */
export async function* watchEvents(
  events: Pick<RepositoryStore, "eventsAfter" | "lastEventId">,
  { repositoryUid, afterId }: EventWatch,
  signal: AbortSignal,
): AsyncIterable<RepositoryEvent> {
  let lastId = afterId || (await events.lastEventId());
  while (!signal.aborted) {
    for (const event of await events.eventsAfter(repositoryUid, lastId, EVENTS_PER_POLL)) {
      yield event;
      lastId = event.id;
    }
    await sleep(POLL_MS, undefined, { signal }).catch(() => {});
  }
  throw serverClosing();
}
