import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { cpuMs } from "./cpu.ts";
import { type LoadTarget, load } from "./load.ts";
import type { MeasuredServer } from "./processes.ts";
import type { Bench, Figure, Row } from "./row.ts";
import { median, percentile } from "./statistics.ts";

/** What a hot row asks for. */
interface HotRow {
  readonly name: string;
  /** Path below the repository, of what it has published. */
  publish(bench: Bench): Promise<string>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Asks with the entity tag that it knows. */
  readonly conditional?: boolean;
  /** Large answers: fewer connections, and CPU time a MB. */
  readonly large?: boolean;
}

/** npm's own headers when it resolves dependencies. */
export const ABBREVIATED = {
  accept: "application/vnd.npm.install-v1+json; q=1.0, application/json; q=0.8, */*",
  "accept-encoding": "gzip",
} as const;
/** Versions that make 20 KB and 2.3 MB of a full document. */
const SMALL_VERSIONS = 9;
const LARGE_VERSIONS = 1_070;
const WARM_UP_MS = 1_500;
const ATTEMPTS = 50;
const ATTEMPT_PAUSE_MS = 100;

/** What is in the cache and fresh. */
export const HOT_ROWS: readonly Row[] = [
  { name: "hot-document", publish: document("hot-document", SMALL_VERSIONS) },
  { name: "hot-document-gzip", publish: document("hot-document-gzip", SMALL_VERSIONS), headers: ABBREVIATED },
  { name: "not-modified", publish: document("not-modified", SMALL_VERSIONS), headers: ABBREVIATED, conditional: true },
  { name: "hot-large-document", publish: document("hot-large-document", LARGE_VERSIONS), headers: ABBREVIATED },
  { name: "hot-file", publish: file("hot-file", 20_000) },
  { name: "hot-large-file", publish: file("hot-large-file", 20_000_000), large: true },
].map((row: HotRow) => ({ name: row.name, measure: (bench) => measure(bench, row) }));

function document(name: string, versionCount: number) {
  return async ({ upstream }: Bench): Promise<string> => {
    await upstream.tell("publishDocuments", [name], versionCount);
    return `/${name}`;
  };
}

function file(name: string, sizeBytes: number) {
  return ({ upstream }: Bench): Promise<string> => upstream.tell("publishFile", name, sizeBytes);
}

/** What one run of one server came to. */
interface Sample {
  readonly cpuUs: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

async function measure(bench: Bench, row: HotRow): Promise<Figure[]> {
  const { larder, trivial, runs, loadMs } = bench;
  const url = `${larder.url}/npm${await row.publish(bench)}`;
  const { etag, sizeBytes } = await keepSame(bench, row, url);
  const headers = { ...row.headers, ...(row.conditional && { "if-none-match": etag }) };
  const status = row.conditional ? 304 : 200;
  const sides = [
    { server: trivial, target: { url: `${trivial.url}/${row.name}`, headers, status } },
    { server: larder, target: { url, headers, status } },
  ] as const;
  const connections = row.large ? 2 : 8;
  for (const { server, target } of sides) await sampleOf(server, target, connections, WARM_UP_MS);

  const samples: { readonly trivial: Sample; readonly larder: Sample }[] = [];
  for (let run = 0; run < runs; run++) {
    const [reference, ours] = [
      await sampleOf(sides[0].server, sides[0].target, connections, loadMs),
      await sampleOf(sides[1].server, sides[1].target, connections, loadMs),
    ];
    samples.push({ trivial: reference, larder: ours });
  }
  const figure = (measure: string, unit: Figure["unit"], read: (sample: Sample) => number): Figure => ({
    ...{ measure, unit, larder: samples.map((sample) => read(sample.larder)) },
    reference: { name: "trivial", values: samples.map((sample) => read(sample.trivial)) },
  });
  return [
    figure("CPU a request", "µs", ({ cpuUs }) => cpuUs),
    ...(row.large ? [figure("CPU a MB", "ms", ({ cpuUs }) => cpuUs / 1000 / (sizeBytes / 1e6))] : []),
    figure("throughput", "req/s", ({ perSecond }) => perSecond),
    figure("p50", "ms", ({ p50Ms }) => p50Ms),
    figure("p99", "ms", ({ p99Ms }) => p99Ms),
  ];
}

/** Makes Larder's answer hot and gives the trivial server the same to answer. */
async function keepSame({ trivial }: Bench, row: HotRow, url: string): Promise<{ etag: string; sizeBytes: number }> {
  const { headers, bytes } = await hotAnswer(url, row.headers ?? {});
  const names = ["content-type", "content-encoding", "content-length", "etag"];
  const kept = Object.fromEntries(names.flatMap((name) => (headers[name] ? [[name, String(headers[name])]] : [])));
  await trivial.tell("keep", `/${row.name}`, kept, bytes);
  return { etag: String(headers.etag), sizeBytes: bytes.length };
}

/** The last byte is sent before a large file is safe on the disk, so it may take some requests until it is a hit. */
async function hotAnswer(url: string, asked: Record<string, string>) {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { headers, body } = await request(url, { headers: asked });
    const bytes = Buffer.from(await body.arrayBuffer());
    if (headers["x-cache"] === "HIT") return { headers, bytes };
    await sleep(ATTEMPT_PAUSE_MS);
  }
  throw new Error(`${url} does not become a hit`);
}

async function sampleOf(
  { pid }: MeasuredServer,
  target: LoadTarget,
  connections: number,
  durationMs: number,
): Promise<Sample> {
  const beforeMs = cpuMs(pid);
  const { seconds, latenciesMs } = await load(target, { connections, durationMs });
  const usedMs = cpuMs(pid) - beforeMs;
  return {
    cpuUs: (usedMs * 1000) / latenciesMs.length,
    perSecond: latenciesMs.length / seconds,
    p50Ms: median(latenciesMs),
    p99Ms: percentile(latenciesMs, 0.99),
  };
}
