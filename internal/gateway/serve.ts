import type { IncomingMessage, ServerResponse } from "node:http";
import type { Cache } from "#internal/cache/cache.ts";
import { isLostBlob, lostBlob } from "#internal/cache/checked-chunks.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Mirror, MirrorRequest, Resolution, Verdict } from "#internal/mirror/mirror.ts";
import { answerHeaders, etagOf } from "./answer-headers.ts";
import { type BodySource, hotBody, openBody } from "./body-source.ts";
import type { HotBodies } from "./hot-bodies.ts";
import { type Answer, sendBytes, sendChunks } from "./send.ts";

export interface ServeDeps {
  readonly mirror: Mirror;
  readonly cache: Cache;
  readonly hotBodies: HotBodies;
}

/**
 * From the cache when it can, by the mirror when it must. What is fresh and in memory has been sent when it returns: a promise costs a hit
 * more than finding it does.
 */
export function serve(
  deps: ServeDeps,
  asked: MirrorRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Verdict | Promise<Verdict> {
  const found = deps.mirror.find(asked);
  const source = found?.body && hotBody(found.body, deps.hotBodies);
  if (!found || !source) return serveStored(deps, asked, found, request, response);
  sendBytes(request, response, answerOf(asked, found, source));
  return found.verdict;
}

/** Bytes that turn out to be lost are fetched anew: for this answer, if it has not begun. */
async function serveStored(
  deps: ServeDeps,
  asked: MirrorRequest,
  found: Resolution | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Verdict> {
  const { mirror } = deps;
  try {
    return await respond(deps, asked, found ?? (await mirror.resolve(asked)), request, response);
  } catch (error) {
    if (!isLostBlob(error)) throw error;
    const healed = mirror.resolve({ ...asked, lost: true });
    if (!response.headersSent) return respond(deps, asked, await healed, request, response);
    // Who was cut off may ask again at once, and shall not meet the same bytes; what went wrong he hears then.
    await healed.catch(() => undefined);
    throw error;
  }
}

/** @throws Fault for which `isLostBlob` is true when the bytes are gone or have rotted. */
async function respond(
  { cache, hotBodies }: ServeDeps,
  asked: MirrorRequest,
  resolution: Resolution,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Verdict> {
  const source = resolution.body && (await openBody(resolution.body, cache, hotBodies));
  if (!source) throw absent(resolution, asked.route);
  if (source.kind === "bytes") sendBytes(request, response, answerOf(asked, resolution, source));
  else await sendChunks(request, response, answerOf(asked, resolution, source));
  return resolution.verdict;
}

function answerOf<Source extends BodySource>(
  { repository, route }: MirrorRequest,
  resolution: Resolution,
  source: Source,
): Answer<Source> {
  const etag = etagOf(resolution);
  return {
    source,
    headers: answerHeaders(resolution, repository, route.kind === "document", etag),
    contentType: resolution.contentType,
    encoding: resolution.encoding,
    validators: { etag, lastModified: resolution.lastModified },
  };
}

/** A 404 that carries its verdict to the headers. */
function absent({ verdict, status }: Resolution, route: MirrorRequest["route"]): Fault {
  if (status === 200) return lostBlob("stored bytes are gone");
  const name = route.kind === "file" ? route.path : route.document.key;
  return new Fault("UPSTREAM_NOT_FOUND", `the upstream does not have ${name}`, { verdict });
}
