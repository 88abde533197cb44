import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import { type Authenticate, type Caller, decide } from "#internal/access/access.ts";
import type { Cache } from "#internal/cache/cache.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { AnswerRoute, Format, FormatRequest, RedirectRoute, Route } from "#internal/format/format.ts";
import { formats } from "#internal/format/formats.ts";
import type { Mirror, MirrorRequest, Resolution } from "#internal/mirror/mirror.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { RepositorySnapshot } from "#internal/repository/snapshot.ts";
import type { Logger } from "#internal/telemetry/logger.ts";
import type { Metrics } from "#internal/telemetry/metrics.ts";
import { acceptsGzip } from "./accepts-gzip.ts";
import { answerHeaders, etagOf, statusHeaders } from "./answer-headers.ts";
import { type BodySource, openBody } from "./body-source.ts";
import type { HotBodies } from "./hot-bodies.ts";
import { refusalOf, sendRefusal } from "./refuse.ts";
import { readRequestBody } from "./request-body.ts";
import { parseTarget } from "./request-target.ts";
import { SAFETY_HEADERS } from "./safety-headers.ts";
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

/** One request on its way through the gateway. */
interface Visit {
  readonly repository: Repository;
  readonly format: Format;
  readonly original: FormatRequest;
  readonly route: Route;
}

const METHODS: ReadonlySet<string | undefined> = new Set(["GET", "HEAD", "POST"]);

/** Turns registry requests into cache reads and mirror calls: parse, repository, access, route, resolve, send. */
export function createGateway(deps: GatewayDeps): RequestListener {
  return (request, response) => void handle(deps, request, response);
}

async function handle(deps: GatewayDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const startMs = performance.now();
  let verdict = "none";
  let format: Format | undefined;
  try {
    // A change that was just acknowledged is seen by the next request.
    await deps.repositories.pending();
    const visit = admit(deps, request);
    format = visit.format;
    verdict = await answer(deps, visit, request, response);
  } catch (error) {
    verdict = fail(deps, request, response, format, error);
  }
  deps.metrics.countRequest(verdict, response.statusCode, performance.now() - startMs);
}

/** Everything that is decided before the cache is asked. */
function admit(
  { repositories, authenticate }: GatewayDeps,
  { url = "", method = "", headers }: IncomingMessage,
): Visit {
  if (!METHODS.has(method)) throw new Fault("METHOD_NOT_ALLOWED", `${method} is not a method of this registry`);
  const target = parseTarget(url);
  const caller = authenticate(headers.authorization);
  const repository = repositories.find(target.repositoryId);
  // A hidden repository answers as one that is not there.
  if (!repository || !decide(caller, repository, "READ").allowed) {
    throw new Fault("REPOSITORY_NOT_FOUND", `there is no repository "${target.repositoryId.slice(0, 63)}" here`);
  }
  const format = formats.get(repository.format);
  if (!format) throw new Error(`repository ${repository.id} has the unknown format ${repository.format}`);
  const original = { method, path: target.path, query: target.query, headers, caller: nameOf(caller) };
  const route = format.route(original);
  if (!route) throw new Fault("ROUTE_NOT_FOUND", `${format.label} has no such path`);
  return { repository, format, original, route };
}

async function answer(
  deps: GatewayDeps,
  { repository, original, route }: Visit,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<string> {
  switch (route.kind) {
    case "answer":
      return sendOwn(response, route);
    case "redirect":
      return sendRedirect(response, route, deps.repositoryUrl(repository));
    case "query":
      return serve(
        deps,
        { ...mirrorRequest(repository, original), route, body: await readRequestBody(request) },
        request,
        response,
      );
    default:
      return serve(deps, { ...mirrorRequest(repository, original), route }, request, response);
  }
}

function mirrorRequest(repository: Repository, original: FormatRequest) {
  return { repository, original, gzip: acceptsGzip(original.headers["accept-encoding"]) };
}

/** From the cache when it can, by the mirror when it must. */
async function serve(
  deps: GatewayDeps,
  asked: MirrorRequest,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<string> {
  let resolution = deps.mirror.find(asked) ?? (await deps.mirror.resolve(asked));
  let source = await open(deps, resolution);
  if (resolution.status === 200 && !source) {
    resolution = await deps.mirror.resolve({ ...asked, lost: true });
    source = await open(deps, resolution);
  }
  if (!source) throw absent(resolution);
  await sendAnswer(request, response, {
    source,
    headers: answerHeaders(resolution, asked.repository, asked.route.kind === "document"),
    validators: { etag: etagOf(resolution), lastModified: resolution.lastModified },
  });
  return resolution.verdict;
}

async function open({ cache, hotBodies }: GatewayDeps, { body }: Resolution): Promise<BodySource | undefined> {
  return body && openBody(body, cache, hotBodies);
}

/** A 404 that carries its verdict to the headers. */
function absent({ verdict, status }: Resolution): Fault {
  if (status === 200) return new Fault("STORAGE_UNAVAILABLE", "the stored bytes are gone and could not be read again");
  return new Fault("UPSTREAM_NOT_FOUND", "the upstream does not have this", { verdict });
}

function sendOwn(response: ServerResponse, { status, contentType, body }: AnswerRoute): string {
  response.writeHead(status, {
    ...SAFETY_HEADERS,
    ...statusHeaders("BYPASS", undefined, undefined),
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
  });
  response.end(response.req.method === "HEAD" ? undefined : body);
  return "BYPASS";
}

function sendRedirect(response: ServerResponse, { location }: RedirectRoute, repositoryUrl: string): string {
  response.writeHead(301, { ...SAFETY_HEADERS, location: `${repositoryUrl}${location}`, "content-length": 0 }).end();
  return "BYPASS";
}

/** Says why, once: to the client when nothing was sent yet, to the log when it is our bug. */
function fail(
  { logger }: GatewayDeps,
  request: IncomingMessage,
  response: ServerResponse,
  format: Format | undefined,
  error: unknown,
): string {
  const refusal = refusalOf(error);
  const fields = { method: request.method, url: request.url, status: refusal.status, reason: refusal.fault.reason };
  if (refusal.status === 500) logger.error("request failed", { ...fields, error });
  else if (refusal.status > 500) logger.warn(refusal.fault.message, fields);
  if (response.headersSent) {
    response.destroy();
    return "none";
  }
  const verdict = refusal.fault.facts.verdict === "NEGATIVE" ? "NEGATIVE" : "MISS";
  sendRefusal(response, format, refusal, statusHeaders(verdict, undefined, refusal.fault.reason));
  return verdict;
}

function nameOf(caller: Caller): string | undefined {
  return caller.kind === "anonymous" ? undefined : caller.name;
}
