import { isIP } from "node:net";
import ipaddr from "ipaddr.js";

type IpAddress = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [IpAddress, number];

/**
 * What is no public address (IANA special-purpose registries). The documentation ranges are left out on purpose: some
 * sandboxes give them to their egress, and nothing internal lives there.
 */
const DENIED_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4",
  // A cloud's metadata and DNS service on an address that looks public.
  "168.63.129.16/32",
].map(parseRange);

const GLOBAL_IPV6 = parseRange("2000::/3");
// Protocol assignments: Teredo (2001::/32), which carries an IPv4 address, and ORCHID are in here.
const PROTOCOL_IPV6 = parseRange("2001::/23");
const NAT64 = parseRange("64:ff9b::/96");
const SIX_TO_FOUR = parseRange("2002::/16");

/** Whether an upstream may have this address. False for what is no IP address in its normal spelling. */
export type AddressRules = (address: string) => boolean;

/** Public addresses, and those of `allowedCidrs`. IPv6 addresses that embed an IPv4 address are judged by that one. */
export function createAddressRules(allowedCidrs: readonly string[]): AddressRules {
  const allowed = allowedCidrs.map(parseRange);
  return (text) => {
    // A zone makes an address local to this machine.
    if (isIP(text) === 0 || text.includes("%")) return false;
    const address = ipaddr.process(text);
    const embedded = embeddedIpv4(address);
    const meant = embedded === undefined ? [address] : [address, embedded];
    return meant.some((candidate) => isInside(candidate, allowed)) || isPublic(embedded ?? address);
  };
}

function isPublic(address: IpAddress): boolean {
  if (address instanceof ipaddr.IPv4) return !isInside(address, DENIED_IPV4);
  return isInside(address, [GLOBAL_IPV6]) && !isInside(address, [PROTOCOL_IPV6]);
}

/** IPv4-mapped addresses were unpacked before. */
function embeddedIpv4(address: IpAddress): ipaddr.IPv4 | undefined {
  if (address instanceof ipaddr.IPv4) return undefined;
  const bytes = address.toByteArray();
  if (isInside(address, [NAT64])) return new ipaddr.IPv4(bytes.slice(12));
  if (isInside(address, [SIX_TO_FOUR])) return new ipaddr.IPv4(bytes.slice(2, 6));
  return undefined;
}

function isInside(address: IpAddress, ranges: readonly Range[]): boolean {
  return ranges.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
}

function parseRange(cidr: string): Range {
  const [network, bits] = ipaddr.parseCIDR(cidr);
  if (!(network instanceof ipaddr.IPv6) || !network.isIPv4MappedAddress() || bits < 96) return [network, bits];
  return [network.toIPv4Address(), bits - 96];
}
