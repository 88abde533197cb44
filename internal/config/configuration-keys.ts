import { parseDurationMs, parseIntegerBetween, parsePositiveDurationMs, parseSizeBytes } from "./parse-amounts.ts";
import {
  type Address,
  parseAddress,
  parseBaseUrl,
  parseCidrs,
  parseDatabaseUrl,
  parseNatsUrl,
} from "./parse-network.ts";
import { parseAdminToken, parseSecretKey, parseToken } from "./parse-secrets.ts";

/** The value of every key, after its parser. */
export interface ConfigurationValues {
  readonly dataDir: string;
  readonly httpAddress: Address;
  readonly grpcAddress: Address;
  readonly adminAddress: Address;
  readonly publicUrl: string;
  readonly databaseUrl: string;
  readonly natsUrl: string;
  readonly cacheDir: string;
  readonly cacheMaxBytes: number;
  readonly workers: number;
  readonly config: string;
  readonly adopt: "auto" | "off";
  readonly upstreamAllow: readonly string[];
  readonly upstreamTimeout: number;
  readonly metadataTtl: number;
  readonly adminToken: string;
  readonly secretKey: Uint8Array;
  readonly repoManagerUrl: string;
  readonly mirrorUrl: string;
  readonly repoIndexerUrl: string;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
  readonly memoryCacheBytes: number;
  readonly documentMaxBytes: number;
  readonly fileMaxBytes: number;
  readonly indexConcurrency: number;
  readonly upstreamConcurrency: number;
  readonly upstreamRate: number;
  readonly serverUrl: string;
  readonly token: string;
}

/** YAML key in camelCase; the flag and the environment variable follow from it. */
export type KeyName = keyof ConfigurationValues;

interface KeyRule<Value> {
  /** Turns text into the value. @throws Error whose message is the rule, "must be …". */
  readonly parse: (text: string) => Value;
  /** For people; text that `parse` accepts when `computed` is not set. */
  readonly defaultText: string;
  /** True: there is no fixed default; `defaultText` says what happens. */
  readonly computed?: true;
  readonly meaning: string;
  /** May be given as `…File` too, may not be empty, is never repeated in a message. */
  readonly secret?: true;
}

/** Every setting of Larder. README's table, `--help` and the parsers all read this. */
export const KEY_RULES: { readonly [Name in KeyName]: KeyRule<ConfigurationValues[Name]> } = {
  dataDir: { parse: parseText, defaultText: "./data", meaning: "database, cache, keys, bootstrap token" },
  httpAddress: { parse: parseAddress, defaultText: "127.0.0.1:8080", meaning: "gateway, and the console below `/-/`" },
  grpcAddress: { parse: parseAddress, defaultText: "127.0.0.1:9090", meaning: "gRPC, gRPC-Web, Connect" },
  adminAddress: { parse: parseAddress, defaultText: "127.0.0.1:9091", meaning: "`/metrics`, `/livez`, `/readyz`" },
  publicUrl: {
    parse: parseBaseUrl,
    defaultText: "http://<http address>",
    computed: true,
    meaning: "base of the absolute URLs in documents; the Host header never decides",
  },
  databaseUrl: {
    parse: parseDatabaseUrl,
    defaultText: "sqlite:<data>/larder.db",
    computed: true,
    meaning: "or `mysql://user:password@host:3306/name`",
    secret: true,
  },
  natsUrl: {
    parse: parseNatsUrl,
    defaultText: "(none: in process)",
    computed: true,
    meaning: "`nats://host:4222`, tls and credentials supported",
    secret: true,
  },
  cacheDir: {
    parse: parseText,
    defaultText: "<data>/cache",
    computed: true,
    meaning: "package files and documents; may be deleted",
  },
  cacheMaxBytes: {
    parse: parseSizeBytes,
    defaultText: "90 % of the free space at start",
    computed: true,
    meaning: "what the cache may occupy, e.g. `10GB`, `512MiB`",
  },
  workers: {
    parse: parseWorkers,
    defaultText: "auto",
    meaning: "gateway processes on this machine; `auto` is 1, more are refused for now",
  },
  config: { parse: parseText, defaultText: "./larder.yaml when there", computed: true, meaning: "the YAML file" },
  adopt: {
    parse: parseChoice("auto", "off"),
    defaultText: "auto",
    meaning: "`auto` adopts upstreams on an empty catalogue, `off` does not",
  },
  upstreamAllow: {
    parse: parseCidrs,
    defaultText: "",
    meaning: "CIDRs that upstreams may have besides public addresses, e.g. `127.0.0.0/8`",
  },
  upstreamTimeout: { parse: parsePositiveDurationMs, defaultText: "5s", meaning: "connect and first byte" },
  metadataTtl: {
    parse: parseDurationMs,
    defaultText: "5m",
    meaning: "how long a document is fresh when its repository does not say",
  },
  adminToken: {
    parse: parseAdminToken,
    defaultText: "<data>/admin-token, written at first start",
    computed: true,
    meaning: "the administrator's token",
    secret: true,
  },
  secretKey: {
    parse: parseSecretKey,
    defaultText: "<data>/secret-key, written at first start",
    computed: true,
    meaning: "encrypts upstream credentials: 32 bytes in hex or base64",
    secret: true,
  },
  repoManagerUrl: {
    parse: parseBaseUrl,
    defaultText: "(none: in process)",
    computed: true,
    meaning: "where RepoManager answers gRPC",
  },
  mirrorUrl: {
    parse: parseBaseUrl,
    defaultText: "(none: in process)",
    computed: true,
    meaning: "where MirrorService answers gRPC",
  },
  repoIndexerUrl: {
    parse: parseBaseUrl,
    defaultText: "(none: in process)",
    computed: true,
    meaning: "where RepoIndexer answers gRPC",
  },
  logLevel: {
    parse: parseChoice("debug", "info", "warn", "error", "silent"),
    defaultText: "info",
    meaning: "`debug`, `info`, `warn`, `error` or `silent`; lines go to standard error",
  },
  memoryCacheBytes: {
    parse: parseSizeBytes,
    defaultText: "64MiB",
    meaning: "small hot bodies kept in memory, per process",
  },
  documentMaxBytes: { parse: parseSizeBytes, defaultText: "256MiB", meaning: "largest document, after decoding" },
  fileMaxBytes: { parse: parseSizeBytes, defaultText: "5GiB", meaning: "largest file" },
  indexConcurrency: {
    parse: parseIntegerBetween(1, 64),
    defaultText: "2",
    meaning: "index tasks at a time, per process",
  },
  upstreamConcurrency: {
    parse: parseIntegerBetween(1, 1_024),
    defaultText: "32",
    meaning: "requests at a time, per upstream origin",
  },
  upstreamRate: {
    parse: parseIntegerBetween(0, 100_000),
    defaultText: "0",
    meaning: "requests a second, per upstream origin; 0 is no limit",
  },
  serverUrl: {
    parse: parseBaseUrl,
    defaultText: "http://127.0.0.1:9090",
    meaning: "command line: the gRPC address of the server to talk to",
  },
  token: {
    parse: parseToken,
    defaultText: "<data>/admin-token when readable",
    computed: true,
    meaning: "command line: the token to send",
    secret: true,
  },
};

/** One row of the documentation. */
export interface ConfigurationKey {
  readonly name: KeyName;
  /** `LARDER_HTTP_ADDRESS`. */
  readonly environment: string;
  /** `http-address`, without dashes in front. */
  readonly flag: string;
  readonly defaultText: string;
  readonly meaning: string;
  readonly secret: boolean;
}

/** All keys in the order in which they are documented. */
export const configurationKeys: readonly ConfigurationKey[] = (Object.keys(KEY_RULES) as KeyName[]).map((name) => ({
  name,
  environment: environmentName(name),
  flag: flagName(name),
  defaultText: KEY_RULES[name].defaultText || "(none)",
  meaning: KEY_RULES[name].meaning,
  secret: KEY_RULES[name].secret === true,
}));

/** `httpAddress` → `LARDER_HTTP_ADDRESS`. */
export function environmentName(name: string): string {
  return `LARDER_${name.replace(/[A-Z]/g, "_$&").toUpperCase()}`;
}

/** `httpAddress` → `http-address`. */
export function flagName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function parseText(text: string): string {
  return text;
}

function parseWorkers(text: string): number {
  if (text === "auto" || text === "1") return 1;
  if (/^\d+$/.test(text) && Number(text) > 1) {
    throw new Error("must be auto or 1; not yet: several gateway processes that one start brings");
  }
  throw new Error("must be auto or 1");
}

function parseChoice<Choice extends string>(...choices: readonly Choice[]): (text: string) => Choice {
  return (text) => {
    const choice = choices.find((candidate) => candidate === text);
    if (choice === undefined) throw new Error(`must be one of ${choices.join(", ")}`);
    return choice;
  };
}
