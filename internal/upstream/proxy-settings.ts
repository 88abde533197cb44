import { Fault } from "#internal/fault/fault.ts";

/** The proxies of a network that has no direct way out. "" = none. */
export interface ProxySettings {
  readonly httpProxy: string;
  /** Absent ones fall back to `httpProxy`. */
  readonly httpsProxy: string;
  /** Hosts and suffixes that are asked directly, separated by commas. */
  readonly noProxy: string;
}

// A proxy cannot reach what runs beside us.
const NEVER_PROXIED = "localhost,127.0.0.1,::1";

/**
 * HTTP_PROXY, HTTPS_PROXY and NO_PROXY, lower case first. Undefined when none is set.
 * @throws Fault ARGUMENT_INVALID when one is no http(s) URL; the value, which may hold a password, is not repeated
 */
export function proxyOfEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): ProxySettings | undefined {
  const read = (name: string) => environment[name.toLowerCase()] || environment[name] || "";
  const httpProxy = checkProxy("HTTP_PROXY", read("HTTP_PROXY"));
  const httpsProxy = checkProxy("HTTPS_PROXY", read("HTTPS_PROXY"));
  if (httpProxy === "" && httpsProxy === "") return undefined;
  return { httpProxy, httpsProxy, noProxy: `${NEVER_PROXIED},${read("NO_PROXY")}` };
}

function checkProxy(name: string, text: string): string {
  if (text === "" || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))) return text;
  throw new Fault("ARGUMENT_INVALID", `${name} must be an http or https URL`, { field: name, source: "environment" });
}
