import { createLogger } from "#internal/telemetry/logger.ts";
import { createMetrics } from "#internal/telemetry/metrics.ts";
import { createUpstream, type UpstreamOptions } from "./create-upstream.ts";
import { type Behaviour, type HostileServer, type HostileServerOptions, startHostileServer } from "./hostile-server.ts";
import type { Upstream, UpstreamRequest, UpstreamResponse } from "./upstream.ts";

/** One upstream room on a clock that stands still, and the servers that it is tested against. */
export interface TestUpstream {
  readonly upstream: Upstream;
  /** What was logged. */
  readonly lines: readonly string[];
  readonly metricsText: () => Promise<string>;
  advance(ms: number): void;
  serve(behave: Behaviour, options?: HostileServerOptions): Promise<HostileServer>;
  /** A trusted GET of a document. */
  get(url: string, changes?: RequestChanges): Promise<UpstreamResponse>;
  /** Asks and reads to the end. */
  read(url: string, changes?: RequestChanges): Promise<{ response: UpstreamResponse; text: string }>;
  close(): Promise<void>;
}

export type RequestChanges = Partial<Omit<UpstreamRequest, "access">> & { access?: Partial<UpstreamRequest["access"]> };

export const TIMEOUT_MS = 150;

export function openTestUpstream(options: Partial<UpstreamOptions> = {}): TestUpstream {
  let nowMs = 1_000_000;
  const lines: string[] = [];
  const servers: HostileServer[] = [];
  const metrics = createMetrics();
  const upstream = createUpstream({
    allowedAddresses: [],
    timeoutMs: TIMEOUT_MS,
    concurrencyPerOrigin: 32,
    version: "1.2.3",
    logger: createLogger({ level: "debug", destination: { write: (line: string) => void lines.push(line) } }),
    metrics,
    nowMs: () => nowMs,
    random: () => 0,
    // Its clock stands still, and so do its timers.
    after: () => () => undefined,
    ...options,
  });
  const get: TestUpstream["get"] = (url, { access, ...changes } = {}) =>
    upstream.request({
      method: "GET",
      url,
      headers: {},
      pathClass: "document",
      ...changes,
      access: { baseUrl: url, credential: undefined, trusted: true, ...access },
    });
  return {
    upstream,
    lines,
    metricsText: () => metrics.text(),
    advance: (ms) => {
      nowMs += ms;
    },
    async serve(behave, serverOptions) {
      const server = await startHostileServer(behave, serverOptions);
      servers.push(server);
      return server;
    },
    get,
    async read(url, changes) {
      const response = await get(url, changes);
      const chunks: Buffer[] = [];
      for await (const chunk of response.body) chunks.push(chunk);
      return { response, text: Buffer.concat(chunks).toString() };
    },
    async close() {
      await upstream.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
}
