import type { LookupAddress } from "node:dns";
import { isIP, type LookupFunction, type Socket } from "node:net";
import { createSecureContext } from "node:tls";
import { buildConnector } from "undici";
import type { Fault } from "#internal/fault/fault.ts";
import type { AddressRules } from "./address-rules.ts";
import { upstreamFault } from "./upstream-fault.ts";

/** All addresses of a name, in the order in which to try them. */
export type Lookup = (hostname: string) => Promise<readonly LookupAddress[]>;

export interface PinnedConnectorOptions {
  readonly isAllowed: AddressRules;
  readonly lookup: Lookup;
  /** Name resolution, connection and TLS together. */
  readonly timeoutMs: number;
  /** PEM certificates of the authorities to trust; asked at the first https connection. */
  readonly authorities: () => readonly string[];
}

/**
 * Connects only to addresses that the rules allow, and to the very address that was judged: a name is resolved once per
 * connection, so a second answer of its DNS server changes nothing.
 */
export function createPinnedConnector(options: PinnedConnectorOptions): buildConnector.connector {
  const { isAllowed, timeoutMs, authorities } = options;
  const shared = {
    lookup: judgedLookup(options),
    autoSelectFamily: true,
    allowH2: false,
    // Ours below: undici's own may fire half a second late.
    timeout: 0,
  };
  const plain = buildConnector(shared);
  let secure: buildConnector.connector | undefined;

  return (target, callback) => {
    const host = target.hostname.replace(/^\[(.*)\]$/, "$1");
    // An address never passes through lookup.
    if (isIP(host) !== 0 && !isAllowed(host)) return callback(forbidden(host), null);
    secure ??= target.protocol === "https:" ? secureConnector(shared, authorities()) : undefined;
    const connect = target.protocol === "https:" && secure ? secure : plain;

    const timer = setTimeout(() => {
      const problem = `did not accept a connection within ${timeoutMs} ms`;
      socket.destroy(upstreamFault("UPSTREAM_UNAVAILABLE", originOf(target), { cause: "timeout", problem }));
    }, timeoutMs);
    const done: buildConnector.Callback = (...result) => {
      clearTimeout(timer);
      callback(...result);
    };
    // The types hide that the connector returns the socket it is connecting.
    const socket = connect(target, done) as unknown as Socket;
  };
}

/** One context for all connections: reading a few hundred certificates takes longer than a handshake. */
function secureConnector(
  shared: buildConnector.BuildOptions,
  authorities: readonly string[],
): buildConnector.connector {
  return buildConnector({ ...shared, secureContext: createSecureContext({ ca: [...authorities] }) });
}

function judgedLookup(options: PinnedConnectorOptions): LookupFunction {
  return (hostname, { all }, callback) => {
    judgedAddresses(options, hostname).then(
      (allowed) => {
        const [first] = allowed;
        if (all) return callback(null, [...allowed]);
        callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

/**
 * The addresses of a host that the rules allow; an address stands for itself.
 * @throws Fault UPSTREAM_FORBIDDEN when it has no other; what the lookup throws.
 */
export async function judgedAddresses(
  { lookup, isAllowed }: Pick<PinnedConnectorOptions, "lookup" | "isAllowed">,
  host: string,
): Promise<readonly [LookupAddress, ...LookupAddress[]]> {
  const family = isIP(host);
  const addresses = family === 0 ? await lookup(host) : [{ address: host, family }];
  const [first, ...others] = addresses.filter(({ address }) => isAllowed(address));
  if (first === undefined) throw addresses.length > 0 ? forbidden(host) : notFound(host);
  return [first, ...others];
}

/** The same text whatever the address is, so that it tells nothing about the inside. */
export function forbidden(host: string): Fault {
  const problem = "is no public address: an operator may allow it (LARDER_UPSTREAM_ALLOW)";
  return upstreamFault("UPSTREAM_FORBIDDEN", host, { cause: "address", problem });
}

function notFound(hostname: string): Error {
  return Object.assign(new Error(`${hostname} has no address`), { code: "ENOTFOUND" });
}

function originOf({ protocol, hostname, port }: buildConnector.Options): string {
  return `${protocol}//${hostname}${port ? `:${port}` : ""}`;
}
