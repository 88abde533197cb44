import { Pool } from "undici";
import { ABBREVIATED } from "./hot-rows.ts";
import type { Bench, Figure, Row } from "./row.ts";

const PACKAGES = 200;
const AT_ONCE = 16;
const DELAY_MS = 50;
/** A document of 20 KB. */
const VERSIONS = 9;

/** A cold install from an upstream that is far away: 200 documents, then 200 files. */
export const INSTALL_ROWS: readonly Row[] = [{ name: "cold-install", measure }];

async function measure(bench: Bench): Promise<Figure[]> {
  const { larder, upstream } = bench;
  const times = { documents: [] as number[], files: [] as number[] };
  const direct = { documents: [] as number[], files: [] as number[] };
  for (let run = 0; run < bench.runs; run++) {
    const names = Array.from({ length: PACKAGES }, (_, index) => `cold-install-${run}-${index}`);
    const files = await upstream.tell("publishDocuments", names, VERSIONS);
    const documents = names.map((name) => `/${name}`);
    // The upstream's work of making its answers is not what is compared: once for the client's form, once for Larder's.
    await fetchAll(upstream.url, documents, ABBREVIATED);
    await fetchAll(upstream.url, documents, { "accept-encoding": "gzip" });
    await upstream.tell("behave", { delayMs: DELAY_MS });
    try {
      direct.documents.push(await fetchAll(upstream.url, documents, ABBREVIATED));
      direct.files.push(await fetchAll(upstream.url, files));
      times.documents.push(await fetchAll(larder.url, documents.map(inRepository), ABBREVIATED));
      times.files.push(await fetchAll(larder.url, files.map(inRepository)));
    } finally {
      await upstream.tell("behave", { delayMs: 0 });
    }
  }
  const figure = (measure: keyof typeof times): Figure => ({
    ...{ measure, unit: "ms", larder: times[measure] },
    reference: { name: "direct", values: direct[measure] },
  });
  return [figure("documents"), figure("files")];
}

function inRepository(path: string): string {
  return `/npm${path}`;
}

/** Downloads everything, some at a time, and returns how long that took in ms. */
async function fetchAll(origin: string, paths: readonly string[], headers: Record<string, string> = {}) {
  const pool = new Pool(origin, { connections: AT_ONCE });
  const left = paths.values();
  const startMs = performance.now();
  const worker = async () => {
    for (const path of left) {
      const { statusCode, body } = await pool.request({ method: "GET", path, headers });
      await body.arrayBuffer();
      if (statusCode !== 200) throw new Error(`${origin}${path} answered ${statusCode}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const durationMs = performance.now() - startMs;
  await pool.close();
  return durationMs;
}
