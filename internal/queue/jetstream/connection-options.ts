import { readFileSync } from "node:fs";
import { type ConnectionOptions, credsAuthenticator, type TlsOptions } from "nats";
import { Fault } from "#internal/fault/fault.ts";

const CONNECT_TIMEOUT_MS = 5_000;
const RECONNECT_WAIT_MS = 250;

/**
 * Reads LARDER_NATS_URL: `nats://` or `tls://`, several servers separated by commas, `user:password@` or `token@`, and the files
 * `?creds=`, `?ca=`, `?cert=` and `?key=`. User and query of the first server hold for all.
 * @throws Fault ARGUMENT_INVALID when it is no such URL or a file cannot be read; its message never has the password.
 */
export function connectionOptions(url: string): ConnectionOptions {
  const urls = url.split(",").map((each) => parse(each.trim()));
  const [first] = urls;
  if (first === undefined) throw invalid("it is empty");
  const { username, password, searchParams } = first;
  const credentials = searchParams.get("creds");
  const tls = tlsOptions(urls, searchParams);
  return {
    name: "larder",
    servers: urls.map(({ hostname, port }) => `${hostname}:${port || "4222"}`),
    ...(username !== "" &&
      password !== "" && { user: decodeURIComponent(username), pass: decodeURIComponent(password) }),
    ...(username !== "" && password === "" && { token: decodeURIComponent(username) }),
    ...(credentials !== null && { authenticator: credsAuthenticator(readFile(credentials)) }),
    ...(tls && { tls }),
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_WAIT_MS,
  };
}

function parse(text: string): URL {
  const url = URL.parse(text);
  if (url === null || url.hostname === "" || !/^(?:nats|tls):$/.test(url.protocol)) {
    throw invalid("each server is nats://host:port or tls://host:port");
  }
  return url;
}

function tlsOptions(urls: readonly URL[], query: URLSearchParams): TlsOptions | undefined {
  const files = { caFile: query.get("ca"), certFile: query.get("cert"), keyFile: query.get("key") };
  const given = Object.entries(files).filter(([, file]) => file !== null);
  if (given.length === 0 && urls.every(({ protocol }) => protocol !== "tls:")) return undefined;
  return Object.fromEntries(given);
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw invalid(`its credentials file ${path} cannot be read`, error);
  }
}

function invalid(why: string, cause?: unknown): Fault {
  return new Fault("ARGUMENT_INVALID", `the NATS URL is not usable: ${why}`, { field: "natsUrl" }, { cause });
}
