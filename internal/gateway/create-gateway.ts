import type { IncomingMessage, RequestListener, ServerResponse } from "node:http";
import type { Authenticate } from "#internal/access/access.ts";
import { Fault } from "#internal/fault/fault.ts";
import type { Format } from "#internal/format/format.ts";
import type { Verdict } from "#internal/mirror/mirror.ts";
import type { Repository } from "#internal/repository/repository.ts";
import type { RepositorySnapshot } from "#internal/repository/snapshot.ts";
import type { Logger } from "#internal/telemetry/logger.ts";
import type { Metrics } from "#internal/telemetry/metrics.ts";
import { acceptsGzip } from "./accepts-gzip.ts";
import { admit, type Visit } from "./admit.ts";
import { statusHeaders } from "./answer-headers.ts";
import { sendOwn, sendRedirect } from "./own-answer.ts";
import { refusalOf, sendRefusal, verdictOf } from "./refuse.ts";
import { readRequestBody } from "./request-body.ts";
import { type ServeDeps, serve } from "./serve.ts";

export interface GatewayDeps extends ServeDeps {
  readonly repositories: RepositorySnapshot;
  readonly authenticate: Authenticate;
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
    const pending = deps.repositories.pending();
    if (pending) await pending.catch(() => undefined);
    const visit = admit(deps.repositories, deps.authenticate, request);
    format = visit.format;
    const answered = answer(deps, visit, request, response);
    // A hit has been answered by now, in the turn of the event loop that it came in.
    outcome = typeof answered === "string" ? answered : await answered;
  } catch (error) {
    outcome = refuse(deps, request, response, format, error);
  }
  deps.metrics.countRequest(outcome.toLowerCase(), response.statusCode, performance.now() - startMs);
}

function answer(
  deps: GatewayDeps,
  { repository, format, original }: Visit,
  request: IncomingMessage,
  response: ServerResponse,
): Outcome | Promise<Outcome> {
  const route = format.route(original);
  const gzip = acceptsGzip(original.headers["accept-encoding"]);
  if (!route) throw new Fault("ROUTE_NOT_FOUND", `${format.label} has no such path`);
  switch (route.kind) {
    case "answer":
      sendOwn(response, route);
      return "BYPASS";
    case "redirect":
      sendRedirect(response, route, deps.repositoryUrl(repository));
      return "BYPASS";
    case "query":
      return readRequestBody(request).then((body) =>
        serve(deps, { repository, original, gzip, route, body }, request, response),
      );
    default:
      return serve(deps, { repository, original, gzip, route }, request, response);
  }
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
