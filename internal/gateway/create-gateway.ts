import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Authenticate } from "#internal/access/access.ts";
import type { Cache } from "#internal/cache/cache.ts";
import { isLostBlob, lostBlob } from "#internal/cache/checked-chunks.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Format } from "#internal/format/format.ts";
import type { Mirror, MirrorRequest, Resolution, Verdict } from "#internal/mirror/mirror.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { RepositorySnapshot } from "#internal/repository/snapshot.ts";
import type { Logger } from "#internal/telemetry/logger.ts";
import type { Metrics } from "#internal/telemetry/metrics.ts";
import { acceptsGzip } from "./accepts-gzip.ts";
import { admit, type Visit } from "./admit.ts";
import { answerHeaders, etagOf, statusHeaders } from "./answer-headers.ts";
import { type BodySource, openBody } from "./body-source.ts";
import type { HotBodies } from "./hot-bodies.ts";
import { sendOwn, sendRedirect } from "./own-answer.ts";
import { refusalOf, sendRefusal, verdictOf } from "./refuse.ts";
import { readRequestBody } from "./request-body.ts";
import { sendAnswer } from "./send.ts";

export interface GatewayDeps {
  readonly repositories: RepositorySnapshot;
  readonly authenticate: Authenticate;
  readonly mirror: Mirror;
  readonly cache: Cache;
  readonly hotBodies: HotBodies;
  /** Our own base URL of a repository, ends in "/". */
  repositoryUrl(repository: Repository): string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What is told of a request in the metrics; "none": the client got no whole answer. */
type Outcome = Verdict | "none";

/** Turns registry requests into cache reads and mirror calls: parse, repository, access, route, resolve, send. */
export function createGateway(deps: GatewayDeps): RequestListener {
  return (request, response) => void handle(deps, request, response);
}

async function handle(deps: GatewayDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startMs = performance.now();
  let outcome: Outcome = "none";
  let format: Format | undefined;
  try {
    // A change that was just acknowledged is seen by the next request. When it cannot be read, what is known stays in use.
    await deps.repositories.pending()?.catch(() => undefined);
    const visit = admit(deps.repositories, deps.authenticate, request);
    format = visit.format;
    outcome = await answer(deps, visit, request, response);
  } catch (error) {
    outcome = refuse(deps, request, response, format, error);
  }
  deps.metrics.countRequest(outcome.toLowerCase(), response.statusCode, performance.now() - startMs);
}

async function answer(
  deps: GatewayDeps,
  { repository, format, original }: Visit,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Outcome> {
  const route = format.route(original);
  const asked = { repository, original, gzip: acceptsGzip(original.headers["accept-encoding"]) };
  if (!route) throw new Fault("ROUTE_NOT_FOUND", `${format.label} has no such path`);
  switch (route.kind) {
    case "answer":
      sendOwn(response, route);
      return "BYPASS";
    case "redirect":
      sendRedirect(response, route, deps.repositoryUrl(repository));
      return "BYPASS";
    case "query":
      return serve(deps, { ...asked, route, body: await readRequestBody(request) }, request, response);
    default:
      return serve(deps, { ...asked, route }, request, response);
  }
}

/** From the cache when it can, by the mirror when it must. Bytes that turn out to be lost are fetched anew: for this answer, if it has not begun. */
async function serve(
  deps: GatewayDeps,
  asked: MirrorRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Outcome> {
  const { mirror } = deps;
  try {
    return await respond(deps, asked, mirror.find(asked) ?? (await mirror.resolve(asked)), request, response);
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
  deps: GatewayDeps,
  { repository, route }: MirrorRequest,
  resolution: Resolution,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Outcome> {
  const source = await open(deps, resolution);
  if (!source) throw absent(resolution, route);
  const etag = etagOf(resolution);
  await sendAnswer(request, response, {
    source,
    headers: answerHeaders(resolution, repository, route.kind === "document", etag),
    validators: { etag, lastModified: resolution.lastModified },
  });
  return resolution.verdict;
}

async function open({ cache, hotBodies }: GatewayDeps, { body }: Resolution): Promise<BodySource | undefined> {
  return body && openBody(body, cache, hotBodies);
}

/** A 404 that carries its verdict to the headers. */
function absent({ verdict, status }: Resolution, route: MirrorRequest["route"]): Fault {
  if (status === 200) return lostBlob("stored bytes are gone");
  return new Fault(
    "UPSTREAM_NOT_FOUND",
    `the upstream does not have ${route.kind === "file" ? route.path : route.document.key}`,
    {
      verdict,
    },
  );
}

/** Says why, once: to the client when nothing was sent yet, to the log when it is our bug. */
function refuse(
  { logger }: GatewayDeps,
  request: IncomingMessage,
  response: ServerResponse,
  format: Format | undefined,
  error: unknown,
): Outcome {
  const refusal = refusalOf(error);
  const { fault, status } = refusal;
  const fields = { method: request.method, url: request.url, status, reason: fault.reason };
  if (status === 500) logger.error("request failed", { ...fields, error });
  else if (status > 500) logger.warn(fault.message, fields);
  if (response.headersSent) {
    // The head promised a whole file: only a cut connection tells the client that this is none.
    response.destroy();
    return "none";
  }
  const verdict = verdictOf(fault);
  sendRefusal(response, format, refusal, statusHeaders(verdict, undefined, fault.reason));
  return verdict;
}
