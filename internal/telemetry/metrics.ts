import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** What the rooms report. Labels are closed lists or configured names, never a client's text. */
export interface Metrics {
  /** One answered gateway request. `verdict` is the X-Cache value in lower case. */
  countRequest(verdict: string, status: number, durationMs: number): void;
  /** One upstream exchange, up to the answer's headers. `outcome` is "2xx" … or a fault's reason. */
  countUpstreamRequest(pathClass: string, outcome: string, durationMs: number): void;
  countUpstreamBytes(pathClass: string, bytes: number): void;
  /** One finished RPC: "RepoManager/GetRepository", canonical code. */
  countRpc(method: string, code: string, durationMs: number): void;
  /** Something an operator should know of, by the event's word, e.g. DIGEST_MISMATCH. */
  countEvent(kind: string): void;
  /** `read` is called at each scrape; a later call replaces it. */
  observeBreakers(read: () => readonly BreakerReading[]): void;
  observeCache(read: () => CacheReading): void;
  observeFillsInFlight(read: () => number): void;
  /** Tasks by state. */
  observeIndexTasks(read: () => Promise<Readonly<Record<string, number>>>): void;
  /** The Prometheus text format, and its media type. */
  text(): Promise<string>;
  readonly contentType: string;
}

export interface BreakerReading {
  readonly origin: string;
  readonly pathClass: string;
  readonly breaker: "closed" | "open" | "half-open";
}

export interface CacheReading {
  readonly entries: number;
  readonly blobs: number;
  readonly bytes: number;
  readonly maxBytes: number;
  readonly evictedEntries: number;
}

const DURATION_BUCKETS_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
];
const BREAKER_VALUES = { closed: 0, "half-open": 1, open: 2 } as const;

/** Metrics of one process, on a registry of their own. Process and event-loop metrics of prom-client are included. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const buckets = DURATION_BUCKETS_SECONDS;

  const requests = new Counter({
    name: "larder_requests_total",
    help: "Gateway requests by cache verdict and status class.",
    labelNames: ["verdict", "status"] as const,
    registers,
  });
  const requestSeconds = new Histogram({
    name: "larder_request_seconds",
    help: "Duration of gateway requests.",
    buckets,
    registers,
  });
  const upstreamRequests = new Counter({
    name: "larder_upstream_requests_total",
    help: "Upstream requests by path class and outcome (status class or fault reason).",
    labelNames: ["path_class", "outcome"] as const,
    registers,
  });
  const upstreamSeconds = new Histogram({
    name: "larder_upstream_request_seconds",
    help: "Time to the headers of upstream answers.",
    labelNames: ["path_class"] as const,
    buckets,
    registers,
  });
  const upstreamBytes = new Counter({
    name: "larder_upstream_bytes_total",
    help: "Body bytes received from upstreams, as sent.",
    labelNames: ["path_class"] as const,
    registers,
  });
  const rpcSeconds = new Histogram({
    name: "larder_rpc_seconds",
    help: "Duration of RPCs by method and code.",
    labelNames: ["method", "code"] as const,
    buckets,
    registers,
  });
  const events = new Counter({
    name: "larder_events_total",
    help: "Events by kind.",
    labelNames: ["kind"] as const,
    registers,
  });

  return {
    countRequest(verdict, status, durationMs) {
      requests.inc({ verdict, status: statusClass(status) });
      requestSeconds.observe(durationMs / 1_000);
    },
    countUpstreamRequest(pathClass, outcome, durationMs) {
      upstreamRequests.inc({ path_class: pathClass, outcome });
      upstreamSeconds.observe({ path_class: pathClass }, durationMs / 1_000);
    },
    countUpstreamBytes: (pathClass, bytes) => upstreamBytes.inc({ path_class: pathClass }, bytes),
    countRpc: (method, code, durationMs) => rpcSeconds.observe({ method, code }, durationMs / 1_000),
    countEvent: (kind) => events.inc({ kind }),
    ...createGauges(registry),
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}

type Observers = Pick<Metrics, "observeBreakers" | "observeCache" | "observeFillsInFlight" | "observeIndexTasks">;

function createGauges(registry: Registry): Observers {
  const registers = [registry];
  const observe = <Label extends string>(
    name: string,
    help: string,
    labelNames: readonly Label[],
    fill: (gauge: Gauge<Label>) => void | Promise<void>,
  ): void => {
    registry.removeSingleMetric(name);
    const gauge: Gauge<Label> = new Gauge({ name, help, labelNames, registers, collect: () => fill(gauge) });
  };
  return {
    observeBreakers(read) {
      observe("larder_upstream_breaker", "0 closed, 1 half-open, 2 open.", ["origin", "path_class"], (gauge) => {
        gauge.reset();
        for (const { origin, pathClass, breaker } of read()) {
          gauge.set({ origin, path_class: pathClass }, BREAKER_VALUES[breaker]);
        }
      });
    },
    observeCache(read) {
      const one = (name: string, help: string, field: keyof CacheReading): void =>
        observe(name, help, [], (gauge) => gauge.set(read()[field]));
      one("larder_cache_entries", "Entries in the cache's index.", "entries");
      one("larder_cache_blobs", "Blobs on disk.", "blobs");
      one("larder_cache_bytes", "Bytes of the blobs on disk.", "bytes");
      one("larder_cache_max_bytes", "LARDER_CACHE_MAX_BYTES.", "maxBytes");
      one("larder_cache_evicted_entries", "Entries evicted since the start.", "evictedEntries");
    },
    observeFillsInFlight(read) {
      observe("larder_fills_in_flight", "Objects being fetched now.", [], (gauge) => gauge.set(read()));
    },
    observeIndexTasks(read) {
      observe("larder_index_tasks", "Index tasks by state.", ["state"], async (gauge) => {
        const counts = await read();
        gauge.reset();
        for (const [state, count] of Object.entries(counts)) gauge.set({ state }, count);
      });
    },
  };
}

const STATUS_CLASSES = ["0xx", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** "2xx" and so on: a constant, nothing is built. */
export function statusClass(status: number): string {
  return STATUS_CLASSES[Math.floor(status / 100)] ?? "0xx";
}
