import { Agent, type buildConnector, type Dispatcher } from "undici";
import type { Answer, Exchange } from "./exchange.ts";
import { type BodyLimits, guardBody } from "./guarded-body.ts";
import { requestHeaders } from "./request-headers.ts";
import type { UpstreamRequest } from "./upstream.ts";
import { toUpstreamFault, upstreamFault } from "./upstream-fault.ts";

export interface DispatchingOptions {
  /** For the origin that an operator chose: any address. */
  readonly trustedConnector: buildConnector.connector;
  /** For everything else: public and allowed addresses. */
  readonly judgedConnector: buildConnector.connector;
  /** From the request's departure to the first byte of the answer. */
  readonly firstByteMs: number;
  readonly bodyLimits: BodyLimits;
  readonly userAgent: string;
}

export interface Dispatching {
  /** Sends one request and follows nothing: any status is an answer. */
  readonly exchange: Exchange;
  /** Breaks what is still running. */
  close(): Promise<void>;
}

/** Requests that call `onSent` when their connection stands and they leave. */
type DispatchOptions = Dispatcher.DispatchOptions & { onSent?: () => void };

const KEEP_ALIVE_MS = 10_000;

/** The one place where undici is asked. Connections are kept per origin and never shared between trusted and judged requests. */
export function createDispatching(options: DispatchingOptions): Dispatching {
  const trusted = createAgent(options.trustedConnector);
  const judged = createAgent(options.judgedConnector);
  const exchange: Exchange = (request) => {
    const { origin } = new URL(request.url);
    const isTrusted = request.access.trusted && origin === new URL(request.access.baseUrl).origin;
    return dispatch((isTrusted ? trusted : judged).composed, request, options);
  };
  return { exchange, close: async () => void (await Promise.all([trusted.agent.destroy(), judged.agent.destroy()])) };
}

function createAgent(connect: buildConnector.connector) {
  const agent = new Agent({
    connect,
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveMaxTimeout: 60_000,
    // Timers of our own are exact and know the phase.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const composed = agent.compose((next) => (given: DispatchOptions, handler) => {
    const start = handler.onRequestStart?.bind(handler);
    handler.onRequestStart = (controller, context) => {
      given.onSent?.();
      start?.(controller, context);
    };
    return next(given, handler);
  });
  return { agent, composed };
}

async function dispatch(
  dispatcher: Dispatcher,
  request: UpstreamRequest,
  options: DispatchingOptions,
): Promise<Answer> {
  const { origin, pathname, search } = new URL(request.url);
  const headers = requestHeaders(request, options.userAgent);
  const controller = new AbortController();
  const release = forwardAbort(request.signal, controller);
  let timer: NodeJS.Timeout | undefined;
  let phase: "connecting" | "sent" = "connecting";
  const onSent = () => {
    phase = "sent";
    const problem = `did not answer within ${options.firstByteMs} ms`;
    const late = () => controller.abort(upstreamFault("UPSTREAM_UNAVAILABLE", origin, { cause: "timeout", problem }));
    clearTimeout(timer);
    timer = setTimeout(late, options.firstByteMs);
  };

  try {
    const { method, body = null } = request;
    const sending: Dispatcher.RequestOptions & DispatchOptions = {
      origin,
      path: pathname + search,
      method,
      headers,
      body,
      onSent,
    };
    const response = await untilAborted(
      dispatcher.request({ ...sending, signal: controller.signal }),
      controller.signal,
    );
    const guarded = guardBody(response.body, origin, options.bodyLimits, controller);
    void guarded.settled.then(release);
    return {
      status: response.statusCode,
      headers: joinHeaders(response.headers),
      url: request.url,
      body: guarded.bytes,
      discard: guarded.discard,
      settled: guarded.settled,
    };
  } catch (error) {
    release();
    throw controller.signal.aborted ? controller.signal.reason : toUpstreamFault(error, origin, phase);
  } finally {
    clearTimeout(timer);
  }
}

/** undici notices an abort only once it is connected; callers must not wait for that. */
async function untilAborted<Result>(pending: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  pending.catch(() => undefined);
  try {
    return await Promise.race([pending, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function forwardAbort(signal: AbortSignal | undefined, controller: AbortController): () => void {
  const forward = () => controller.abort(signal?.reason);
  if (signal?.aborted) forward();
  signal?.addEventListener("abort", forward, { once: true });
  return () => signal?.removeEventListener("abort", forward);
}

function joinHeaders(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const joined: Record<string, string> = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) joined[name] = Array.isArray(value) ? value.join(", ") : value;
  }
  return joined;
}
