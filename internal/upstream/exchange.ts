import type { UpstreamRequest, UpstreamResponse } from "./upstream.ts";

/**
 * One request and its answer, whatever the layer: the plain exchange knows sockets, and every wrapper adds one behaviour.
 * `create-upstream.ts` stacks them.
 */
export type Exchange = (request: UpstreamRequest) => Promise<Answer>;

export interface Answer extends UpstreamResponse {
  /** Resolves, never rejects, once the body has ended, broken or been left: its connection is free then. */
  readonly settled: Promise<Settlement>;
}

export interface Settlement {
  /** left: the caller discarded it, stopped early or aborted. */
  readonly outcome: "complete" | "broken" | "left";
  /** Of a broken body. */
  readonly error: unknown;
  readonly receivedBytes: number;
}

/** scheme://host:port of the request, the unit of breakers, holds and limits. */
export function originOf({ url }: Pick<UpstreamRequest, "url">): string {
  return new URL(url).origin;
}
