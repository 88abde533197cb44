import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type Candidate, type CandidateIndex, candidates } from "./cache-index-candidates.ts";

// Compares what could keep the cache's entry index (ARCHITECTURE.md). `node test/bench/cache-index.ts [--entries 1000000]`.
const { values } = parseArgs({
  options: { entries: { type: "string", default: "100000" }, reader: { type: "string" }, folder: { type: "string" } },
});
const entries = Number(values.entries);
const BATCH = 10_000;
const READS = 100_000;
const PUTS = 200;
let checkedAtMs = 1.7e12;

/** What is measured, in the order of the table. */
const measures = {
  load: "put batched, µs an entry",
  start: "open + first get, ms",
  get: "get, µs",
  put: "put durable, one after the other, ms",
  blocked: "of that, the event loop stands still, ms",
  putTogether: "put durable, 1,000 at once, ms each",
  readWhileWritten: "get in another process while one writes, µs",
  putWhileRead: "put durable while another process reads, ms",
} as const;

type Figures = Record<keyof typeof measures, number>;

if (values.reader !== undefined) await readAsPeer(values.reader, values.folder ?? "");
else await compare();

async function compare(): Promise<void> {
  const results = new Map<string, Figures>();
  for (const candidate of candidates) results.set(candidate.name, await measure(candidate));
  const base = results.get("lmdb");
  console.log(`Entry index with ${entries.toLocaleString("en")} entries; in brackets: times lmdb's\n`);
  console.log(`| | ${[...results.keys()].join(" | ")} |\n| --- |${" --- |".repeat(results.size)}`);
  for (const [name, label] of Object.entries(measures)) {
    const figures = [...results.values()].map((result) => result[name as keyof Figures]);
    const cells = figures.map(
      (figure) => `${figure.toPrecision(3)} (${(figure / (base?.[name as keyof Figures] ?? 1)).toFixed(1)}x)`,
    );
    console.log(`| ${label} | ${cells.join(" | ")} |`);
  }
}

async function measure(candidate: Candidate): Promise<Figures> {
  const folder = mkdtempSync(join(tmpdir(), "larder-bench-"));
  try {
    const filled = candidate.open(folder);
    const load = (await timeMs(() => fill(filled))) / entries;
    await filled.close();

    let index = candidate.open(folder);
    await index.close();
    const start = await timeMs(async () => {
      index = candidate.open(folder);
      index.get(keyOf(entries - 1));
    });
    const figures = {
      load: load * 1_000,
      start,
      ...(await measureOpen(index)),
      ...(await measureWithPeer(candidate, folder, index)),
    };
    await index.close();
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureOpen(index: CandidateIndex): Promise<Pick<Figures, "get" | "put" | "blocked" | "putTogether">> {
  readMany(index);
  const get = await median(async () => (await timeMs(async () => readMany(index))) / READS);
  const put = await median(async () => (await timeMs(() => putMany(index, PUTS))) / PUTS);
  const blocked = await median(async () => (await putMany(index, PUTS)) / PUTS);
  const together = Array.from({ length: 1_000 }, (_, n) => n);
  const putTogether = await median(() =>
    timeMs(() => Promise.all(together.map((n) => index.put(keyOf(n), recordOf(n))))),
  );
  return { get: get * 1_000, put, blocked, putTogether: putTogether / together.length };
}

async function measureWithPeer(
  candidate: Candidate,
  folder: string,
  index: CandidateIndex,
): Promise<Pick<Figures, "readWhileWritten" | "putWhileRead">> {
  const script = fileURLToPath(import.meta.url);
  const peer = fork(script, ["--reader", candidate.name, "--folder", folder, "--entries", String(entries)]);
  await once(peer, "message");
  const answered = once(peer, "message");
  const exited = once(peer, "exit");
  peer.send("go");
  const putWhileRead = (await timeMs(() => putMany(index, PUTS))) / PUTS;
  const [readWhileWritten] = await answered;
  await exited;
  return { readWhileWritten: Number(readWhileWritten), putWhileRead };
}

/** The other process: reads for as long as the parent takes to write, and a little longer. */
async function readAsPeer(name: string, folder: string): Promise<void> {
  const index = candidates.find((candidate) => candidate.name === name)?.open(folder);
  if (index === undefined) throw new Error(`no candidate ${name}`);
  readMany(index);
  process.send?.("ready");
  await once(process, "message");
  const elapsedMs = await timeMs(async () => readMany(index));
  process.send?.((elapsedMs * 1_000) / READS);
  await index.close();
  process.disconnect();
}

async function fill(index: CandidateIndex): Promise<void> {
  for (let from = 0; from < entries; from += BATCH) {
    const size = Math.min(BATCH, entries - from);
    await index.putAll(Array.from({ length: size }, (_, n) => [keyOf(from + n), recordOf(from + n)]));
  }
}

/** Resolves to the time that the calls themselves took, in which nothing else runs. */
async function putMany(index: CandidateIndex, count: number): Promise<number> {
  let blockedMs = 0;
  for (let n = 0; n < count; n++) {
    const start = performance.now();
    const written = index.put(keyOf((n * 7_919) % entries), recordOf(n));
    blockedMs += performance.now() - start;
    await written;
  }
  return blockedMs;
}

/** Every key about equally often, in an order that is not the index's. */
function readMany(index: CandidateIndex): void {
  for (let n = 0; n < READS; n++) {
    if (index.get(keyOf((n * 7_919) % entries)) === undefined) throw new Error(`entry ${n} is lost`);
  }
}

function keyOf(n: number): string {
  return `01JD3Z8QW7/file/package-${n}/-/package-${n}-1.0.0.tgz`;
}

/** The size and shape of an entry record of internal/cache/entry-codec.ts: a document with two representations. */
function recordOf(n: number): unknown {
  // Never the same twice: SQLite does not write what is there already.
  checkedAtMs++;
  const digest = n.toString(16).padStart(64, "0");
  const url = `https://registry.example/package-${n}`;
  const representations = ["full", "abbreviated"].map((name) => [name, digest, n, "application/json", 1]);
  return [
    keyOf(n),
    0,
    200,
    digest,
    n,
    "application/json",
    url,
    '"etag"',
    null,
    1.7e12,
    checkedAtMs,
    300_000,
    `package-${n}`,
    null,
    representations,
  ];
}

/** Of five: a disk that others use too has bad moments. */
async function median(figure: () => Promise<number>): Promise<number> {
  const figures: number[] = [];
  for (let round = 0; round < 5; round++) figures.push(await figure());
  return figures.sort((one, other) => one - other)[2] ?? Number.NaN;
}

async function timeMs(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
