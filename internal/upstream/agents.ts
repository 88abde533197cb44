import { isIP } from "node:net";
import { createSecureContext } from "node:tls";
import { Agent, type buildConnector, type Dispatcher, EnvHttpProxyAgent } from "undici";
import type { AddressRules } from "./address-rules.ts";
import { createPinnedConnector, forbidden, type PinnedConnectorOptions } from "./pinned-connector.ts";
import type { ProxySettings } from "./proxy-settings.ts";

/** Requests that call `onSent` when their connection stands and they leave. */
export type SentOptions = Dispatcher.DispatchOptions & { onSent?: () => void };

const KEEP_ALIVE_MS = 10_000;

const AGENT_OPTIONS = {
  allowH2: false,
  pipelining: 1,
  keepAliveTimeout: KEEP_ALIVE_MS,
  keepAliveMaxTimeout: 60_000,
  // Timers of our own are exact and know the phase.
  headersTimeout: 0,
  bodyTimeout: 0,
};

/** Pools of connections per origin, all made under the same address rules. */
export function createAgent(connection: PinnedConnectorOptions, proxy: ProxySettings | undefined): Dispatcher {
  const connect = createPinnedConnector(connection);
  const agent = proxy ? createProxyAgent(connect, connection, proxy) : new Agent({ ...AGENT_OPTIONS, connect });
  return agent.compose(reportingSent);
}

/**
 * Through a proxy, the proxy resolves names, so only addresses that stand in the URL can be judged here; where a name may
 * lead is the proxy's own rule. Hosts of NO_PROXY are connected to directly, and pinned as ever.
 */
function createProxyAgent(
  connect: buildConnector.connector,
  { isAllowed, authorities, timeoutMs }: PinnedConnectorOptions,
  proxy: ProxySettings,
): Dispatcher {
  const tls = { secureContext: createSecureContext({ ca: [...authorities()] }), allowH2: false };
  const options = { ...AGENT_OPTIONS, ...proxy, connect, connectTimeout: timeoutMs, requestTls: tls, proxyTls: tls };
  return new EnvHttpProxyAgent(options).compose((next) => (given, handler) => {
    refuseLiteral(given.origin, isAllowed);
    return next(given, handler);
  });
}

function refuseLiteral(origin: string | URL | undefined, isAllowed: AddressRules): void {
  const host = origin ? new URL(origin).hostname.replace(/^\[(.*)\]$/, "$1") : "";
  if (isIP(host) !== 0 && !isAllowed(host)) throw forbidden(host);
}

const reportingSent: Dispatcher.DispatcherComposeInterceptor = (next) => (given: SentOptions, handler) => {
  const start = handler.onRequestStart?.bind(handler);
  handler.onRequestStart = (controller, context) => {
    given.onSent?.();
    start?.(controller, context);
  };
  return next(given, handler);
};
