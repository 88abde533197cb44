import type { Fault } from "#internal/fault/fault.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { isRedirect } from "./judging.ts";
import type { UpstreamRequest } from "./upstream.ts";
import { upstreamFault } from "./upstream-fault.ts";

const MOST_REDIRECTS = 5;

/**
 * Follows redirects by hand: every hop is a request of its own, so addresses, credentials and breakers are judged anew.
 * @throws Fault UPSTREAM_INVALID for loops and broken redirects; UPSTREAM_FORBIDDEN for other schemes, a downgrade to http,
 * user information, and a POST that would leave its origin
 */
export function following(exchange: Exchange): Exchange {
  return async (request) => {
    checkUrl(request.url, "is not an http or https URL without user information");
    let hop = request;
    for (let redirects = 0; ; redirects++) {
      const answer = await exchange(hop);
      if (!isRedirect(answer.status)) return answer;
      await answer.discard();
      if (redirects >= MOST_REDIRECTS) throw invalid(hop, `redirected more than ${MOST_REDIRECTS} times`);
      hop = nextHop(hop, answer);
    }
  };
}

function nextHop(hop: UpstreamRequest, { status, headers: { location } }: Answer): UpstreamRequest {
  if (location === undefined || !URL.canParse(location, hop.url))
    throw invalid(hop, "redirected without saying where to");
  const from = new URL(hop.url);
  const to = new URL(location, hop.url);
  checkUrl(to.href, "is where a redirect points, which is not followed");
  if (from.protocol === "https:" && to.protocol === "http:")
    throw forbidden(from.origin, "redirected from https to http");
  to.hash = "";

  if (hop.method !== "POST") return { ...hop, url: to.href };
  if (from.origin !== to.origin) throw forbidden(from.origin, "redirected a POST to another origin");
  if (status === 307 || status === 308) return { ...hop, url: to.href };
  const { body: _, ...withoutBody } = hop;
  return { ...withoutBody, method: "GET", url: to.href };
}

function checkUrl(text: string, problem: string): void {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isHttp = url?.protocol === "http:" || url?.protocol === "https:";
  if (!isHttp || url.username !== "" || url.password !== "")
    throw forbidden(isHttp ? url.origin : "the address", problem);
}

function forbidden(origin: string, problem: string): Fault {
  return upstreamFault("UPSTREAM_FORBIDDEN", origin, { cause: "redirect", problem });
}

function invalid(hop: UpstreamRequest, problem: string): Fault {
  return upstreamFault("UPSTREAM_INVALID", new URL(hop.url).origin, { cause: "redirect", problem });
}
