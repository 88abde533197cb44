import { isIP } from "node:net";

/** Where to listen. */
export interface Address {
  /** Name or IP address; IPv6 without brackets. */
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

const ADDRESS = /^(?:\[([\da-f:.]+)\]|([^\s:/[\]]+)):(\d{1,5})$/i;

/** `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`. @throws Error that says the rule. */
export function parseAddress(text: string): Address {
  const [, ipv6, name, portText] = ADDRESS.exec(text) ?? [];
  const host = ipv6 ?? name;
  const port = Number(portText);
  if (host === undefined || (ipv6 !== undefined && isIP(ipv6) !== 6) || port > 65_535) {
    throw new Error("must be host:port, e.g. 127.0.0.1:8080, [::1]:8080 or, for all interfaces, 0.0.0.0:8080");
  }
  return { host, port };
}

/** The text that `parseAddress` reads. */
export function formatAddress({ host, port }: Address): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Comma-separated CIDRs; a plain address means itself only. @throws Error that names the bad one. */
export function parseCidrs(text: string): readonly string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter((part) => part !== "")
    .map(parseCidr);
}

function parseCidr(text: string): string {
  const [address = "", prefix, ...rest] = text.split("/");
  const version = isIP(address);
  const bits = version === 6 ? 128 : 32;
  const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits);
  if (version === 0 || address.includes("%") || !isPrefix || rest.length > 0) {
    throw new Error(`must be CIDRs separated by commas, e.g. 10.0.0.0/8,fd00::/8; "${text}" is none`);
  }
  return `${address}/${prefix ?? bits}`;
}

/** Parser of absolute http(s) URLs without user information, query and fragment; a trailing slash is cut off. */
export function parseBaseUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isBase = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!isBase) throw new Error("must be an http or https URL without user information, query or fragment");
  return url.href.replace(/\/+$/, "");
}

/** `sqlite:path` or `mysql://user:password@host:port/name`. The text stays as it is. */
export function parseDatabaseUrl(text: string): string {
  if (/^sqlite:.+/s.test(text)) return text;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^(?:mysql|mariadb):$/.test(url.protocol) || url.hostname === "" || url.pathname.length < 2) {
    throw new Error("must be sqlite:path or mysql://user:password@host:3306/name");
  }
  return text;
}

/** One or more `nats://` or `tls://` URLs, separated by commas. The text stays as it is. */
export function parseNatsUrl(text: string): string {
  for (const part of text.split(",")) {
    const url = URL.canParse(part.trim()) ? new URL(part.trim()) : undefined;
    if (!url || !/^(?:nats|tls):$/.test(url.protocol) || url.hostname === "") {
      throw new Error("must be nats://host:4222 or tls://host:4222, several separated by commas");
    }
  }
  return text;
}
