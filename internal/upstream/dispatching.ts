import type { Dispatcher } from "undici";
import type { SentOptions } from "./agents.ts";
import type { Answer, Exchange } from "./exchange.ts";
import { type BodyLimits, guardBody } from "./guarded-body.ts";
import { requestHeaders } from "./request-headers.ts";
import type { UpstreamRequest } from "./upstream.ts";
import { toUpstreamFault, upstreamFault } from "./upstream-fault.ts";

export interface DispatchingOptions {
  /** For the origin that an operator chose: any address. */
  readonly trusted: Dispatcher;
  /** For everything else: public and allowed addresses. */
  readonly judged: Dispatcher;
  /** To get a connection; and again from the request's departure to the first byte of the answer. */
  readonly timeoutMs: number;
  readonly bodyLimits: BodyLimits;
  readonly userAgent: string;
}

export interface Dispatching {
  /** Sends one request and follows nothing: any status is an answer. */
  readonly exchange: Exchange;
  /** Breaks what is still running. */
  close(): Promise<void>;
}

/** The one place where undici is asked. Connections are kept per origin and never shared between trusted and judged requests. */
export function createDispatching(options: DispatchingOptions): Dispatching {
  const { trusted, judged } = options;
  const exchange: Exchange = (request) => {
    const { origin } = new URL(request.url);
    const isTrusted = request.access.trusted && origin === new URL(request.access.baseUrl).origin;
    return dispatch(isTrusted ? trusted : judged, request, options);
  };
  return { exchange, close: async () => void (await Promise.all([trusted.destroy(), judged.destroy()])) };
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
  const { timeoutMs } = options;
  const abortLater = (problem: string) =>
    setTimeout(() => {
      controller.abort(
        upstreamFault("UPSTREAM_UNAVAILABLE", origin, {
          cause: "timeout",
          problem: `did not ${problem} within ${timeoutMs} ms`,
        }),
      );
    }, timeoutMs);
  let phase: "connecting" | "sent" = "connecting";
  let timer = abortLater("accept a connection");
  const onSent = () => {
    phase = "sent";
    clearTimeout(timer);
    timer = abortLater("answer");
  };

  try {
    const { method, body = null } = request;
    const sending: Dispatcher.RequestOptions & SentOptions = {
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
