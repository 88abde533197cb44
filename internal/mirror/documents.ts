import type { Entry } from "#internal/cache/cache.ts";
import { Fault } from "#internal/fault/fault.ts";
import { ACCEPTED_CODINGS } from "#internal/upstream/decode.ts";
import type { UpstreamRequest, UpstreamResponse } from "#internal/upstream/upstream.ts";
import { addressOf, type DocumentAsk, type DocumentOutcome, kindOf } from "./document-ask.ts";
import { isFresh, isOutage } from "./freshness.ts";
import { createKeptDocuments } from "./kept-documents.ts";
import type { Resolution } from "./mirror.ts";
import type { MirrorDeps } from "./mirror-deps.ts";
import { inTime, patienceFor } from "./patience.ts";
import { createRepresentations } from "./representations.ts";
import { type SharedRun, shareRuns } from "./share-runs.ts";
import { createStoring } from "./storing.ts";
import { checkOnline, validators } from "./upstream-terms.ts";

export interface Documents {
  resolve(ask: DocumentAsk): Promise<Resolution>;
  /** Asks the upstream for the whole document again, whatever is kept. */
  reload(ask: DocumentAsk): Promise<DocumentOutcome>;
}

/** How the upstream is asked. whole: not for a 304; heal: not for one, and what is kept of the original is worth nothing. */
type Manner = "conditional" | "whole" | "heal";

/** The mutable side of the mirror: keeps originals, revalidates, and lives on when the upstream does not. */
export function createDocuments(deps: MirrorDeps): Documents {
  const { cache, upstream, nowMs } = deps;
  const keptDocuments = createKeptDocuments(deps);
  const representations = createRepresentations(deps, keptDocuments);
  const storing = createStoring(deps, keptDocuments, representations);
  const share = shareRuns<DocumentOutcome>();

  const resolve = async (ask: DocumentAsk): Promise<Resolution> => {
    if (ask.lost) await representations.forgetLost(ask);
    const resolution = await representations.respond(await outcomeOf(ask), ask);
    return resolution ?? refetch(ask);
  };

  /** What is fresh, else what the upstream says, else what is old. */
  const outcomeOf = async (ask: DocumentAsk): Promise<DocumentOutcome> => {
    const entry = cache.find(ask.key);
    if (entry && isFresh(entry, nowMs())) return { entry, verdict: "HIT", detail: undefined };
    const refreshed = share(ask.key, () => refresh(ask, entry));
    const patience = patienceFor(deps, entry, ask.repository, addressOf(ask), classOf(ask));
    if (!patience) return outcomeOfRun(await refreshed);
    const run = await inTime(refreshed, patience.limitMs);
    return run ? outcomeOfRun(run) : { entry: patience.old, verdict: "STALE", detail: patience.detail };
  };

  /** The original is gone: what else is kept of the document stays until there is a new one. */
  const refetch = async (ask: DocumentAsk): Promise<Resolution> => {
    const { value } = await share(`${ask.key} heal`, () => refresh(ask, cache.find(ask.key), "heal"));
    const resolution = value.verdict === "STALE" ? undefined : await representations.respond(value, ask);
    if (resolution) return resolution;
    throw value.fault ?? new Fault("STORAGE_UNAVAILABLE", `the stored ${ask.document.key} is gone from the disk`);
  };

  const reload = async (ask: DocumentAsk): Promise<DocumentOutcome> => {
    const { value } = await share(`${ask.key} whole`, () => refresh(ask, cache.find(ask.key), "whole"));
    return value;
  };

  /** Asks the upstream; falls back to what is kept. */
  const refresh = async (
    ask: DocumentAsk,
    kept: Entry | undefined,
    manner: Manner = "conditional",
  ): Promise<DocumentOutcome> => {
    try {
      checkOnline(ask.repository);
      const response = await upstream.request(await requestOf(ask, manner === "conditional" ? kept : undefined));
      return await settle(ask, kept, response, manner);
    } catch (error) {
      if (kept?.status !== 200 || !isOutage(error)) throw error;
      return { entry: kept, verdict: "STALE", detail: error.reason, fault: error };
    }
  };

  const requestOf = async (ask: DocumentAsk, kept: Entry | undefined): Promise<UpstreamRequest> => {
    const { repository, body } = ask;
    const url = addressOf(ask);
    return {
      method: body ? "POST" : "GET",
      url,
      headers: {
        accept: kindOf(ask).accept,
        "accept-encoding": ACCEPTED_CODINGS,
        ...(body && { "content-type": "application/json" }),
        ...validators(kept, url),
      },
      ...(body && { body }),
      pathClass: classOf(ask),
      access: await deps.accessOf(repository),
    };
  };

  const settle = async (
    ask: DocumentAsk,
    kept: Entry | undefined,
    response: UpstreamResponse,
    manner: Manner,
  ): Promise<DocumentOutcome> => {
    try {
      if (response.status === 200) return await storing.store(ask, manner === "heal" ? undefined : kept, response);
      if (response.status === 304 && kept?.status === 200) return await storing.confirm(ask, kept, response);
      if (response.status !== 404 && response.status !== 410) {
        throw new Fault(
          "UPSTREAM_INVALID",
          `the upstream answered ${response.status} for ${ask.document.upstreamPath}`,
        );
      }
      if (kept?.status === 200) return { entry: kept, verdict: "STALE", detail: "UPSTREAM_NOT_FOUND" };
      return await storing.storeAbsence(ask, response);
    } finally {
      await response.discard();
    }
  };

  return { resolve, reload };
}

function outcomeOfRun({ value, joined }: SharedRun<DocumentOutcome>): DocumentOutcome {
  return joined ? { ...value, detail: value.detail ?? "joined" } : value;
}

function classOf({ body }: DocumentAsk): "query" | "document" {
  return body ? "query" : "document";
}
