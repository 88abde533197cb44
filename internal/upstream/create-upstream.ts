import { lookup as dnsLookup } from "node:dns/promises";
import type { Logger } from "#internal/telemetry/logger.ts";
import type { Metrics } from "#internal/telemetry/metrics.ts";
import { createAddressRules } from "./address-rules.ts";
import { createAgent } from "./agents.ts";
import { breaking, refusingEarly } from "./breaking.ts";
import { systemAuthorities } from "./certificate-authorities.ts";
import { createCircuits } from "./circuits.ts";
import { createDispatching } from "./dispatching.ts";
import { type DeadlinesMs, endingInTime } from "./ending-in-time.ts";
import { following } from "./following.ts";
import { createHolds, holding } from "./holding.ts";
import { judging } from "./judging.ts";
import { limiting } from "./limiting.ts";
import { measuring } from "./measuring.ts";
import { pacing } from "./pacing.ts";
import type { Lookup } from "./pinned-connector.ts";
import { createProbe } from "./probe.ts";
import type { ProxySettings } from "./proxy-settings.ts";
import { type After, afterReally, recovering } from "./recovering.ts";
import { retrying } from "./retrying.ts";
import { sharing } from "./sharing-lookup.ts";
import type { Upstream } from "./upstream.ts";

export interface UpstreamOptions {
  /** CIDRs that every upstream may have besides public addresses (LARDER_UPSTREAM_ALLOW). */
  readonly allowedAddresses: readonly string[];
  /** For the connection, for the first byte after it, and for every pause in a body (LARDER_UPSTREAM_TIMEOUT). */
  readonly timeoutMs: number;
  /** Requests at a time per origin and path class (LARDER_UPSTREAM_CONCURRENCY). */
  readonly concurrencyPerOrigin: number;
  /** LARDER_UPSTREAM_RATE. Default: no limit. */
  readonly requestsPerSecondPerOrigin?: number | undefined;
  /** Default 1,024. */
  readonly minimumBytesPerSecond?: number;
  /** How much waiting the rate is judged over. Default 10 s. */
  readonly rateWindowMs?: number;
  /** Default: query 30 s, document 2 min, file 2 h. */
  readonly totalDeadlineMs?: DeadlinesMs;
  /** Sent as `user-agent: larder/<version>`. */
  readonly version: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Monotonic. Default: performance.now. */
  readonly nowMs?: () => number;
  /** Timer of the probes that nobody waits for, and of waiting for a turn. Default: setTimeout. */
  readonly after?: After;
  /** Default: the system's resolver. */
  readonly lookup?: Lookup;
  /** From 0 to 1. Default: Math.random. */
  readonly random?: () => number;
  /** Default: none; `proxyOfEnvironment` reads those of the machine. */
  readonly proxy?: ProxySettings | undefined;
  /** PEM certificates to trust. Default: Node's, the system's and NODE_EXTRA_CA_CERTS. */
  readonly authorities?: () => readonly string[];
}

const DEFAULT_DEADLINES_MS: DeadlinesMs = { query: 30_000, document: 120_000, file: 7_200_000 };

/** The way out, with all its rules, in request order from the bottom of the stack up. */
export function createUpstream(options: UpstreamOptions): Upstream {
  const { nowMs = () => performance.now(), random = Math.random, timeoutMs, logger, metrics } = options;
  const { lookup = lookupAll, after = afterReally, authorities = systemAuthorities } = options;
  const connection = { lookup: sharing(lookup, nowMs), authorities, timeoutMs };
  const isAllowed = createAddressRules(options.allowedAddresses);
  const circuits = createCircuits(nowMs, random);
  const holds = createHolds(nowMs);
  const dispatching = createDispatching({
    trusted: createAgent({ ...connection, isAllowed: () => true }, options.proxy),
    judged: createAgent({ ...connection, isAllowed }, options.proxy),
    timeoutMs,
    bodyLimits: {
      idleMs: timeoutMs,
      minimumBytesPerSecond: options.minimumBytesPerSecond ?? 1_024,
      rateWindowMs: options.rateWindowMs ?? 10_000,
    },
    userAgent: `larder/${options.version}`,
  });

  let exchange = dispatching.exchange;
  exchange = retrying(exchange, circuits);
  exchange = judging(exchange);
  exchange = measuring(exchange, metrics, nowMs);
  exchange = breaking(exchange, circuits, logger);
  exchange = holding(exchange, holds);
  exchange = pacing(exchange, { requestsPerSecond: options.requestsPerSecondPerOrigin, nowMs, after });
  exchange = limiting(exchange, options.concurrencyPerOrigin);
  exchange = refusingEarly(exchange, circuits, holds);
  const recovery = recovering(exchange, { circuits, nowMs, after });
  exchange = recovery.exchange;
  exchange = following(exchange);
  exchange = endingInTime(exchange, options.totalDeadlineMs ?? DEFAULT_DEADLINES_MS);
  const probe = createProbe({ ...connection, isAllowed, nowMs, proxy: options.proxy });
  const close = (): Promise<void> => {
    recovery.stop();
    return dispatching.close();
  };
  return { request: exchange, probe, status: circuits.status, close };
}

const lookupAll: Lookup = (hostname) => dnsLookup(hostname, { all: true });
