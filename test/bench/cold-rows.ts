import { type Download, download, downloadTogether } from "./download.ts";
import { eventLoopP99Ms } from "./event-loop.ts";
import { ABBREVIATED } from "./hot-rows.ts";
import type { Bench, Figure, Row } from "./row.ts";
import { median } from "./statistics.ts";

const FILE_BYTES = 20_000_000;
/** Versions that make 8 MB of a full document. */
const DOCUMENT_VERSIONS = 3_725;
const DOCUMENT_CLIENTS = 20;

/** What nobody has asked for before. */
export const COLD_ROWS: readonly Row[] = [
  { name: "cold-file", measure: (bench) => measureFile(bench, 1) },
  { name: "cold-file-100", measure: (bench) => measureFile(bench, 100) },
  { name: "cold-document", measure: measureDocument },
];

/** 20 MB whose document is known, as it is when a client comes for the file; the trivial server has the same bytes in memory. */
async function measureFile(bench: Bench, clients: number): Promise<Figure[]> {
  const { larder, trivial, upstream } = bench;
  const path = "/cold-file.bin";
  await trivial.tell("keep", path, { "content-length": String(FILE_BYTES) }, Buffer.alloc(FILE_BYTES));
  const fetches: number[] = [];
  const ours: Download[][] = [];
  const references: Download[][] = [];
  for (let run = 0; run < bench.runs; run++) {
    const name = `cold-file-${clients}-${run}`;
    const file = await upstream.tell("publishFile", name, FILE_BYTES);
    await download(`${larder.url}/npm/${name}`);
    references.push(await downloadTogether(clients, trivial.url + path));
    ours.push(await downloadTogether(clients, `${larder.url}/npm${file}`));
    fetches.push((await upstream.tell("asked", file)).count);
  }
  const figure = (measure: string, read: (downloads: readonly Download[]) => number): Figure => ({
    ...{ measure, unit: "ms", larder: ours.map(read) },
    reference: { name: "trivial", values: references.map(read) },
  });
  return [
    { measure: "upstream fetches", unit: "", larder: fetches },
    figure("slowest", slowestMs),
    figure("median first byte", (downloads) => median(downloads.map(({ firstByteMs }) => firstByteMs))),
  ];
}

/** What 20 clients at once made of one cold document. */
interface DocumentSample {
  readonly fetches: number;
  readonly directMs: number;
  readonly slowestMs: number;
  readonly afterLastByteMs: number;
  readonly eventLoopMs: number;
}

async function measureDocument(bench: Bench): Promise<Figure[]> {
  const samples: DocumentSample[] = [];
  for (let run = 0; run < bench.runs; run++) samples.push(await sampleDocument(bench, `cold-document-${run}`));
  const figure = (measure: string, unit: Figure["unit"], read: (sample: DocumentSample) => number): Figure => ({
    ...{ measure, unit, larder: samples.map(read) },
  });
  return [
    figure("upstream fetches", "", ({ fetches }) => fetches),
    {
      ...figure("slowest", "ms", (sample) => sample.slowestMs),
      reference: { name: "direct", values: samples.map(({ directMs }) => directMs) },
    },
    figure("after the upstream's last byte", "ms", ({ afterLastByteMs }) => afterLastByteMs),
    figure("event-loop delay p99", "ms", ({ eventLoopMs }) => eventLoopMs),
  ];
}

async function sampleDocument({ larder, upstream }: Bench, name: string): Promise<DocumentSample> {
  await upstream.tell("publishDocuments", [name], DOCUMENT_VERSIONS);
  // The first has the upstream make its answer, in the form that Larder asks for.
  await download(`${upstream.url}/${name}`, { "accept-encoding": "gzip" });
  const direct = await download(`${upstream.url}/${name}`, { "accept-encoding": "gzip" });
  const before = await upstream.tell("asked", `/${name}`);
  await eventLoopP99Ms(larder);
  const downloads = await downloadTogether(DOCUMENT_CLIENTS, `${larder.url}/npm/${name}`, ABBREVIATED);
  const eventLoopMs = await eventLoopP99Ms(larder);
  const { count, lastByteAtMs } = await upstream.tell("asked", `/${name}`);
  const lastEndAtMs = Math.max(...downloads.map(({ endedAtMs }) => endedAtMs));
  return {
    fetches: count - before.count,
    directMs: direct.wholeMs,
    slowestMs: slowestMs(downloads),
    afterLastByteMs: lastEndAtMs - lastByteAtMs,
    eventLoopMs,
  };
}

function slowestMs(downloads: readonly Download[]): number {
  return Math.max(...downloads.map(({ wholeMs }) => wholeMs));
}
