import { resolve } from "node:path";
import { expect, test } from "vitest";
import { Fault } from "#internal/fault/fault.ts";
import { type Configuration, type ConfigurationSources, readConfiguration } from "./configuration.ts";
import { configurationKeys } from "./configuration-keys.ts";

/** `files`: path to text; nothing of the disk is read. */
function read(sources: ConfigurationSources & { files?: Record<string, string> }): Configuration {
  return readConfiguration({ readFile: (path) => sources.files?.[path], ...sources });
}

function faultOf(run: () => unknown): Fault {
  try {
    run();
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
  throw new Error("no fault was thrown");
}

const KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

test("the defaults are those of the contract", () => {
  expect(read({})).toEqual({
    dataDir: resolve("data"),
    httpAddress: { host: "127.0.0.1", port: 8080 },
    grpcAddress: { host: "127.0.0.1", port: 9090 },
    adminAddress: { host: "127.0.0.1", port: 9091 },
    databaseUrl: `sqlite:${resolve("data/larder.db")}`,
    cacheDir: resolve("data/cache"),
    workers: 1,
    adopt: "auto",
    upstreamAllow: [],
    upstreamTimeoutMs: 5_000,
    metadataTtlMs: 300_000,
    logLevel: "info",
    memoryCacheBytes: 64 * 2 ** 20,
    documentMaxBytes: 256 * 2 ** 20,
    fileMaxBytes: 5 * 2 ** 30,
    indexConcurrency: 2,
    upstreamConcurrency: 32,
    upstreamRate: 0,
    serverUrl: "http://127.0.0.1:9090",
    repositories: [],
  });
});

test.each([
  { sources: { flags: { "metadata-ttl": "1s" }, environment: { LARDER_METADATA_TTL: "2s" } }, want: 1_000 },
  { sources: { flags: { metadataTtl: "1s" }, environment: { LARDER_METADATA_TTL: "2s" } }, want: 1_000 },
  { sources: { environment: { LARDER_METADATA_TTL: "2s" }, files: { "larder.yaml": "metadataTtl: 3s" } }, want: 2_000 },
  { sources: { files: { "larder.yaml": "metadataTtl: 3s" } }, want: 3_000 },
  { sources: { environment: { LARDER_METADATA_TTL: "" }, files: { "larder.yaml": "metadataTtl: 3s" } }, want: 3_000 },
  {
    sources: {
      environment: { LARDER_CONFIG: "/etc/l.yaml" },
      files: { "/etc/l.yaml": "metadataTtl: 4s", "larder.yaml": "metadataTtl: 3s" },
    },
    want: 4_000,
  },
  {
    sources: {
      flags: { config: "/f.yaml" },
      environment: { LARDER_CONFIG: "/e.yaml" },
      files: { "/f.yaml": "metadataTtl: 0" },
    },
    want: 0,
  },
])("flags, environment, YAML, in that order: $sources", ({ sources, want }) => {
  expect(read(sources).metadataTtlMs).toBe(want);
});

test.each([
  {
    spelling: "host:port",
    sources: { environment: { LARDER_HTTP_ADDRESS: "[::1]:0" } },
    want: { httpAddress: { host: "::1", port: 0 } },
  },
  {
    spelling: "CIDRs",
    sources: { flags: { "upstream-allow": "127.0.0.0/8, 10.1.2.3,fd00::/8" } },
    want: { upstreamAllow: ["127.0.0.0/8", "10.1.2.3/32", "fd00::/8"] },
  },
  {
    spelling: "a YAML list",
    sources: { files: { "larder.yaml": "upstreamAllow: [127.0.0.0/8, '::1']" } },
    want: { upstreamAllow: ["127.0.0.0/8", "::1/128"] },
  },
  { spelling: "a size", sources: { environment: { LARDER_CACHE_MAX_BYTES: "10GB" } }, want: { cacheMaxBytes: 1e10 } },
  {
    spelling: "a YAML number",
    sources: { files: { "larder.yaml": "cacheMaxBytes: 2000\nworkers: 1\nadopt: off" } },
    want: { cacheMaxBytes: 2000, workers: 1, adopt: "off" },
  },
  {
    spelling: "a public URL",
    sources: { flags: { publicUrl: "https://larder.example/base/" } },
    want: { publicUrl: "https://larder.example/base" },
  },
  {
    spelling: "a data folder",
    sources: { flags: { "data-dir": "/x" } },
    want: { dataDir: "/x", cacheDir: "/x/cache", databaseUrl: "sqlite:/x/larder.db" },
  },
  {
    spelling: "a hex key",
    sources: { environment: { LARDER_SECRET_KEY: KEY } },
    want: { secretKey: Buffer.from(KEY, "hex") },
  },
  {
    spelling: "a base64 key",
    sources: { environment: { LARDER_SECRET_KEY: Buffer.from(KEY, "hex").toString("base64") } },
    want: { secretKey: Buffer.from(KEY, "hex") },
  },
  {
    spelling: "a secret in a file",
    sources: { environment: { LARDER_ADMIN_TOKEN_FILE: "/run/t" }, files: { "/run/t": "admin-token-1\n" } },
    want: { adminToken: "admin-token-1" },
  },
  {
    spelling: "a file flag over a variable",
    sources: {
      flags: { "nats-url-file": "/n" },
      environment: { LARDER_NATS_URL: "nats://a:1" },
      files: { "/n": "tls://b:2" },
    },
    want: { natsUrl: "tls://b:2" },
  },
  {
    spelling: "a database URL file in YAML",
    sources: { files: { "larder.yaml": "databaseUrlFile: /d", "/d": "mysql://u:p@h:3306/l" } },
    want: { databaseUrl: "mysql://u:p@h:3306/l" },
  },
  { spelling: "an empty file", sources: { files: { "larder.yaml": "" } }, want: { configPath: "larder.yaml" } },
  {
    spelling: "an empty YAML value",
    sources: { files: { "larder.yaml": "publicUrl:\nrepositories:\n" } },
    want: { publicUrl: undefined, repositories: [] },
  },
  {
    spelling: "variables of the test run",
    sources: { environment: { LARDER_TEST_DATABASE_URL: "x", PATH: "y" } },
    want: { adopt: "auto" },
  },
])("understands $spelling", ({ sources, want }) => {
  expect(read(sources)).toMatchObject(want);
});

test.each<{ sources: Parameters<typeof read>[0]; field: string; message: string }>([
  {
    sources: { environment: { LARDER_HTTP_ADRESS: "x" } },
    field: "LARDER_HTTP_ADRESS",
    message: "did you mean LARDER_HTTP_ADDRESS?",
  },
  {
    sources: { environment: { LARDER_CONSTRUCTOR: "x" } },
    field: "LARDER_CONSTRUCTOR",
    message: "is not a setting of Larder",
  },
  {
    sources: { environment: { LARDER_HTTP_ADDRESS_FILE: "x" } },
    field: "LARDER_HTTP_ADDRESS_FILE",
    message: "is not a setting",
  },
  {
    sources: { flags: { "http-adress": "x" } },
    field: "http-adress",
    message: "--http-adress is not a setting of Larder (did you mean http-address?)",
  },
  {
    sources: { files: { "larder.yaml": "httpAdress: x" } },
    field: "httpAdress",
    message: "httpAdress in larder.yaml is not a setting",
  },
  { sources: { files: { "larder.yaml": "config: x" } }, field: "config", message: "config in larder.yaml" },
  { sources: { files: { "larder.yaml": "__proto__: x" } }, field: "__proto__", message: "is not a setting" },
  { sources: { files: { "larder.yaml": "- a" } }, field: "config", message: "must be a mapping" },
  { sources: { files: { "larder.yaml": "a: b: c" } }, field: "config", message: "larder.yaml: " },
  { sources: { files: { "larder.yaml": "adopt: auto\nadopt: off" } }, field: "config", message: "unique" },
  { sources: { files: { "larder.yaml": "httpAddress: {host: x}" } }, field: "httpAddress", message: "single value" },
  {
    sources: { flags: { config: "/gone.yaml" } },
    field: "config",
    message: "--config names /gone.yaml, which cannot be read",
  },
  {
    sources: { environment: { LARDER_HTTP_ADDRESS: "8080" } },
    field: "httpAddress",
    message: "LARDER_HTTP_ADDRESS must be host:port",
  },
  { sources: { environment: { LARDER_HTTP_ADDRESS: "127.0.0.1:65536" } }, field: "httpAddress", message: "host:port" },
  {
    sources: { environment: { LARDER_UPSTREAM_TIMEOUT: "5" } },
    field: "upstreamTimeout",
    message: 'with units, e.g. 300s, 5m, 1h30m or 0, not "5"',
  },
  { sources: { environment: { LARDER_UPSTREAM_TIMEOUT: "0" } }, field: "upstreamTimeout", message: "above 0" },
  { sources: { environment: { LARDER_METADATA_TTL: "-5m" } }, field: "metadataTtl", message: "duration" },
  { sources: { environment: { LARDER_CACHE_MAX_BYTES: "10 apples" } }, field: "cacheMaxBytes", message: "size" },
  {
    sources: { environment: { LARDER_UPSTREAM_ALLOW: "10.0.0.0/8,everything" } },
    field: "upstreamAllow",
    message: '"everything"',
  },
  { sources: { environment: { LARDER_UPSTREAM_ALLOW: "10.0.0.0/33" } }, field: "upstreamAllow", message: "CIDRs" },
  { sources: { environment: { LARDER_PUBLIC_URL: "ftp://x" } }, field: "publicUrl", message: "http or https URL" },
  {
    sources: { environment: { LARDER_DATABASE_URL: "postgres://x/y" } },
    field: "databaseUrl",
    message: "must be sqlite:path or mysql://",
  },
  { sources: { environment: { LARDER_NATS_URL: "http://x" } }, field: "natsUrl", message: "nats://" },
  { sources: { environment: { LARDER_WORKERS: "0" } }, field: "workers", message: "must be auto or 1" },
  {
    sources: { environment: { LARDER_WORKERS: "2" } },
    field: "workers",
    message: "not yet: several gateway processes",
  },
  { sources: { environment: { LARDER_ADOPT: "yes" } }, field: "adopt", message: "auto, off" },
  {
    sources: { environment: { LARDER_ADMIN_TOKEN: "" } },
    field: "adminToken",
    message: "LARDER_ADMIN_TOKEN must not be empty",
  },
  { sources: { environment: { LARDER_SECRET_KEY: "" } }, field: "secretKey", message: "must not be empty" },
  { sources: { environment: { LARDER_ADMIN_TOKEN: "short" } }, field: "adminToken", message: "at least 8 characters" },
  { sources: { environment: { LARDER_TOKEN: "two words" } }, field: "token", message: "without spaces" },
  { sources: { environment: { LARDER_SECRET_KEY: "0".repeat(64) } }, field: "secretKey", message: "32 random bytes" },
  {
    sources: { environment: { LARDER_ADMIN_TOKEN_FILE: "/gone" } },
    field: "adminToken",
    message: "/gone, which cannot be read",
  },
  {
    sources: { environment: { LARDER_ADMIN_TOKEN: "a-long-token", LARDER_ADMIN_TOKEN_FILE: "/t" } },
    field: "adminToken",
    message: "both set",
  },
])("stops at $sources", ({ sources, field, message }) => {
  const fault = faultOf(() => read(sources));
  expect(fault.reason).toBe("ARGUMENT_INVALID");
  expect(fault.facts.field).toBe(field);
  expect(fault.message).toContain(message);
});

test.each([
  { environment: { LARDER_SECRET_KEY: "s3cr3t-canary" } },
  { environment: { LARDER_ADMIN_TOKEN: "s3cr3t canary" } },
  { environment: { LARDER_DATABASE_URL: "postgres://root:s3cr3t@h/x" } },
  { environment: { LARDER_NATS_URL: "http://u:s3cr3t@h" } },
])("a refused secret is not repeated: $environment", (sources) => {
  const fault = faultOf(() => read(sources));
  expect(`${fault.message} ${JSON.stringify(fault.facts)}`).not.toContain("s3cr3t");
});

test.each([
  { environment: { LARDER_ADMIN_TOKEN_FILE: "/" }, field: "adminToken", message: "LARDER_ADMIN_TOKEN_FILE names /," },
  { environment: { LARDER_CONFIG: "/" }, field: "config", message: "LARDER_CONFIG names /," },
])("a file on the disk that cannot be read is named together with its key: $environment", (sources) => {
  const { environment, field, message } = sources;
  const fault = faultOf(() => readConfiguration({ environment }));
  expect(fault.facts.field).toBe(field);
  expect(fault.message).toContain(message);
});

test("what Kubernetes tells of services that are named larder… is no setting; what looks like it is refused", () => {
  const environment = {
    LARDER_SERVICE_HOST: "10.0.0.1",
    LARDER_SERVICE_PORT: "8080",
    LARDER_SERVICE_PORT_HTTP: "8080",
    LARDER_PORT: "tcp://10.0.0.1:8080",
    LARDER_PORT_8080_TCP: "tcp://10.0.0.1:8080",
    LARDER_PORT_8080_TCP_ADDR: "10.0.0.1",
    LARDER_REPO_MANAGER_PORT: "tcp://10.0.0.2:9090",
    LARDER_REPO_MANAGER_SERVICE_HOST: "10.0.0.2",
  };
  expect(read({ environment }).httpAddress.port).toBe(8080);
  expect(faultOf(() => read({ environment: { LARDER_PORT: "8080" } })).message).toContain(
    "LARDER_PORT is not a setting",
  );
});

test("every documented default can be read, and every key has its three spellings", () => {
  const httpAddress = configurationKeys.find(({ name }) => name === "httpAddress");
  expect(httpAddress).toMatchObject({ environment: "LARDER_HTTP_ADDRESS", flag: "http-address", secret: false });
  expect(configurationKeys.filter(({ secret }) => secret).map(({ environment }) => environment)).toEqual([
    "LARDER_DATABASE_URL",
    "LARDER_NATS_URL",
    "LARDER_ADMIN_TOKEN",
    "LARDER_SECRET_KEY",
    "LARDER_TOKEN",
  ]);
});
