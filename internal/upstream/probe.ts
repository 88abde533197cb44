import { connect, isIP, type LookupFunction, type Socket } from "node:net";
import { createSecureContext, connect as secure } from "node:tls";
import { type Fault, isFault } from "#internal/fault/fault.ts";
import { isProxied } from "./is-proxied.ts";
import { judgedAddresses, type PinnedConnectorOptions } from "./pinned-connector.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import type { ProbeStep, Upstream } from "./upstream.ts";
import { toUpstreamFault, upstreamFault } from "./upstream-fault.ts";

export interface ProbeOptions extends PinnedConnectorOptions {
  /** Monotonic. */
  nowMs(): number;
  readonly proxy: ProxySettings | undefined;
}

type Addresses = Awaited<ReturnType<typeof judgedAddresses>>;

const PLAIN_STEPS = ["dns", "connect"] as const;
const SECURE_STEPS = [...PLAIN_STEPS, "tls"] as const;

/** Walks the way to an upstream step by step, so that a person sees where it ends. Connects only to addresses that were judged. */
export function createProbe(options: ProbeOptions): Upstream["probe"] {
  const { lookup, timeoutMs, nowMs } = options;
  return async function* probe(url, access, signal) {
    const { origin, hostname, port, protocol } = new URL(url);
    const host = hostname.replace(/^\[(.*)\]$/, "$1");
    const isTrusted = access.trusted && origin === new URL(access.baseUrl).origin;
    const isAllowed = isTrusted ? () => true : options.isAllowed;
    const isSecure = protocol === "https:";
    const stopping = new AbortController();
    const ended = signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal;

    let addresses: Addresses | undefined;
    let socket: Socket | undefined;
    const walk: Record<ProbeStep["step"], () => Promise<void>> = {
      async dns() {
        addresses = await judgedAddresses({ lookup, isAllowed }, host);
      },
      async connect() {
        socket = await open(addresses, Number(port) || (isSecure ? 443 : 80), ended);
      },
      tls: () => shakeHands(socket, host, options.authorities()),
    };
    try {
      // The proxy resolves and connects; an address in the URL is judged by the request.
      if (options.proxy && isProxied(url, options.proxy)) return;
      for (const step of isSecure ? SECURE_STEPS : PLAIN_STEPS) {
        const startMs = nowMs();
        const fault = await faultOf(inTime(walk[step](), { origin, timeoutMs, signal }), origin);
        yield { step, durationMs: nowMs() - startMs, ...(fault && { fault }) };
        if (fault) return;
      }
    } finally {
      // Also closes a socket that is still connecting.
      stopping.abort();
      socket?.destroy();
    }
  };
}

function open(addresses: Addresses | undefined, port: number, signal: AbortSignal): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const pinned: LookupFunction = (_hostname, { all }, callback) => {
    const [first] = addresses ?? [];
    if (all) return callback(null, [...(addresses ?? [])]);
    callback(null, first?.address ?? "", first?.family);
  };
  // The name is never asked again: whatever it stands for, the judged addresses are used.
  const socket = connect({ host: "judged.invalid", port, lookup: pinned, autoSelectFamily: true, signal });
  socket.once("connect", () => resolve(socket));
  socket.on("error", reject);
  return promise;
}

function shakeHands(socket: Socket | undefined, host: string, authorities: readonly string[]): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const secureContext = createSecureContext({ ca: [...authorities] });
  const isName = isIP(host) === 0;
  const secured = secure({
    ...(socket && { socket }),
    ...(isName && { servername: host }),
    ...{ host, secureContext, ALPNProtocols: ["http/1.1"] },
  });
  secured.once("secureConnect", () => resolve());
  secured.on("error", reject);
  return promise.finally(() => secured.destroy());
}

interface Limits {
  readonly origin: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

async function inTime(work: Promise<void>, { origin, timeoutMs, signal }: Limits): Promise<void> {
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const problem = `did not get ready within ${timeoutMs} ms`;
  const late = () => reject(upstreamFault("UPSTREAM_UNAVAILABLE", origin, { cause: "timeout", problem }));
  const abort = () => reject(signal?.reason);
  const timer = setTimeout(late, timeoutMs);
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  work.catch(() => undefined);
  try {
    await Promise.race([ended, work]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
  }
}

/** @throws what is no failure of the upstream. */
async function faultOf(work: Promise<void>, origin: string): Promise<Fault | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    const fault = toUpstreamFault(error, origin, "connecting");
    if (!isFault(fault)) throw fault;
    return fault;
  }
}
