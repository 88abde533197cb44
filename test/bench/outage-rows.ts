import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import { ABBREVIATED } from "./hot-rows.ts";
import { startLarder, startUpstream } from "./processes.ts";
import type { Bench, Figure, Row } from "./row.ts";
import { median, percentile } from "./statistics.ts";

const PACKAGES = 50;
const ROUNDS = 4;
const CLIENTS = 8;
/** A document of 20 KB. */
const VERSIONS = 9;
const TTL_MS = 1_000;

/** Documents that have expired while the upstream takes requests and answers none. */
export const OUTAGE_ROWS: readonly Row[] = [{ name: "expired-hanging", measure }];

async function measure({ runs }: Bench): Promise<Figure[]> {
  const latenciesMs: number[][] = [];
  for (let run = 0; run < runs; run++) latenciesMs.push(await outage());
  const figure = (measure: string, read: (latenciesMs: readonly number[]) => number): Figure => ({
    ...{ measure, unit: "ms", larder: latenciesMs.map(read) },
  });
  return [
    figure("p50", median),
    figure("p99", (values) => percentile(values, 0.99)),
    figure("slowest", (values) => Math.max(...values)),
  ];
}

/** A new Larder and a new upstream, so that no breaker knows of the hanging yet. Returns every latency in ms. */
async function outage(): Promise<number[]> {
  const upstream = await startUpstream();
  const larder = await startLarder(upstream, { metadataTtl: `${TTL_MS / 1000}s` });
  const pool = new Pool(larder.url, { connections: CLIENTS });
  try {
    const names = Array.from({ length: PACKAGES }, (_, index) => `expired-${index}`);
    await upstream.tell("publishDocuments", names, VERSIONS);
    for (const name of names) await ask(pool, name);
    await sleep(TTL_MS + 100);
    await upstream.tell("behave", "hang");
    return await askAll(pool, Array.from({ length: ROUNDS }, () => names).flat());
  } finally {
    await pool.close();
    await larder.stop();
    await upstream.stop();
  }
}

async function askAll(pool: Pool, names: readonly string[]): Promise<number[]> {
  const left = names.values();
  const latenciesMs: number[] = [];
  const client = async () => {
    for (const name of left) {
      const startMs = performance.now();
      const verdict = await ask(pool, name);
      latenciesMs.push(performance.now() - startMs);
      if (verdict !== "STALE") throw new Error(`${name} was answered ${verdict}`);
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return latenciesMs;
}

/** Returns the answer's X-Cache. */
async function ask(pool: Pool, name: string): Promise<string> {
  const { statusCode, headers, body } = await pool.request({
    method: "GET",
    path: `/npm/${name}`,
    headers: ABBREVIATED,
  });
  await body.arrayBuffer();
  if (statusCode !== 200) throw new Error(`${name} answered ${statusCode}`);
  return String(headers["x-cache"]);
}
