import type { ProxySettings } from "./proxy-settings.ts";

/** Whether a request to `url` goes through a proxy, by the rules of undici's EnvHttpProxyAgent. */
export function isProxied(url: string, { httpProxy, httpsProxy, noProxy }: ProxySettings): boolean {
  const { protocol, hostname, port } = new URL(url);
  const isSecure = protocol === "https:";
  const proxy = isSecure && httpsProxy !== "" ? httpsProxy : httpProxy;
  if (proxy === "") return false;
  const host = hostname.replace(/^\[(.+)\]$/, "$1").replace(/(?<=.)\.$/, "");
  const usedPort = port || (isSecure ? "443" : "80");
  const entries = noProxy
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== "");
  return !entries.some((entry) => isExcepted(entry, host, usedPort));
}

/** One entry of NO_PROXY: `*`, or a host and all below it, or with `*.` only those below; each with `:port` or not. */
function isExcepted(entry: string, host: string, port: string): boolean {
  // More than one colon is an IPv6 address, unless it has brackets.
  const [, whole = entry, entryPort = port] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [];
  if (entryPort !== port) return false;
  const pattern = whole.replace(/^\[(.+)\]$/, "$1");
  const name = pattern.replace(/^\*?\./, "");
  return pattern === "*" || (!pattern.startsWith("*") && host === name) || host.endsWith(`.${name}`);
}
