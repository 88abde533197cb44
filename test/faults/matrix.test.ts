import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { errorsOf, type RunningLarder } from "../clients/larder.ts";
import { startLarder } from "../clients/larder-process.ts";
import { metricOf, misnamedBlobs, temporaryFiles } from "./aftermath.ts";
import { inLanes } from "./in-lanes.ts";
import { MATRIX } from "./matrix-rows.ts";
import { type RowUpstream, startRowUpstream, trustedAuthorities } from "./row-upstream.ts";
import { runRow } from "./run-row.ts";
import { seededRandom, seedOfRun } from "./seeded-random.ts";

const seed = seedOfRun();
/** Most rows wait for a time-out or a breaker, not for the processor. */
const LANES = 24;

describe(`an upstream that misbehaves (LARDER_FAULT_SEED=${seed})`, () => {
  let larder: RunningLarder;
  let folder: string;
  let problems: Promise<string[]>[];
  let fdsBefore: number;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "larder-faults-"));
    const authorities = join(folder, "authorities.pem");
    await writeFile(authorities, trustedAuthorities());
    const upstreams = await Promise.all(MATRIX.map(startRowUpstream));
    larder = await startLarder({
      repositories: MATRIX.map(({ format }, index) => repositoryOf(index, format, upstreams[index] as RowUpstream)),
      environment: {
        LARDER_UPSTREAM_TIMEOUT: "800ms",
        LARDER_DOCUMENT_MAX_BYTES: "8MiB",
        LARDER_FILE_MAX_BYTES: "8MiB",
        NODE_EXTRA_CA_CERTS: authorities,
      },
    });
    fdsBefore = await metricOf(larder, "process_open_fds");
    problems = inLanes(LANES, MATRIX, async (row, index) => {
      const upstream = upstreams[index] as RowUpstream;
      try {
        return await runRow(larder, `row-${index}`, row, upstream, seededRandom(seed + index));
      } finally {
        await upstream.stop();
      }
    });
  });
  afterAll(async () => {
    await larder?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(MATRIX.map(({ title }, index) => ({ title, index })))("$title", async ({ index }) => {
    expect(await problems[index]).toEqual([]);
  });

  describe("afterwards", () => {
    test("the process is alive and has met with no bug", async () => {
      expect((await fetch(`${larder.adminUrl}/readyz`)).status).toBe(200);
      expect(await errorsOf(larder)).toEqual([]);
    });

    test("every blob is whole, and nothing unfinished is left", async () => {
      expect(await misnamedBlobs(larder)).toEqual([]);
      expect(await temporaryFiles(larder)).toEqual([]);
    });

    test("memory stays bounded, bombs and all", async () => {
      expect(await metricOf(larder, "process_resident_memory_bytes")).toBeLessThan(MOST_MEMORY_BYTES);
    });

    test("descriptors are back where they were", async () => {
      await vi.waitFor(
        async () => expect(await metricOf(larder, "process_open_fds")).toBeLessThanOrEqual(fdsBefore + FEW_FDS),
        { timeout: 30_000, interval: 500 },
      );
    });

    test("the metrics tell of it", async () => {
      for (const kind of ["DIGEST_MISMATCH", "UPSTREAM_REFUSED"]) {
        const rows = MATRIX.filter(({ event }) => event === kind);
        expect(await metricOf(larder, `larder_events_total{kind="${kind}"}`), kind).toBeGreaterThanOrEqual(rows.length);
      }
      for (const outcome of ["UPSTREAM_UNAVAILABLE", "UPSTREAM_RATE_LIMITED", "UPSTREAM_REFUSED", "broken body"]) {
        const series = `larder_upstream_requests_total{path_class="document",outcome="${outcome}"}`;
        expect(await metricOf(larder, series), outcome).toBeGreaterThan(0);
      }
    });
  });
});

/** The database's, the resolver's and the metrics' own come and go. */
const FEW_FDS = 5;
const MOST_MEMORY_BYTES = 1024 ** 3;

function repositoryOf(index: number, format: string, { url }: RowUpstream) {
  return { id: `row-${index}`, format, upstreamUrl: url, metadataTtl: "1ms" };
}
