import { setTimeout as sleep } from "node:timers/promises";
import { residentMiB } from "./cpu.ts";
import { startLarder, startTrivial } from "./processes.ts";
import type { Bench, Figure, Row } from "./row.ts";

/** After which a process that has just started is taken to be idle. */
const SETTLE_MS = 1_000;

/** What the process itself costs. `memory` comes last: it tells what the rows before it have left. */
export const PROCESS_ROWS: readonly Row[] = [
  { name: "start", measure: measureStart },
  { name: "memory", measure: measureMemory },
];

async function measureStart({ upstream, runs }: Bench): Promise<Figure[]> {
  const readyMs: number[] = [];
  const idleMiB: number[] = [];
  const trivialMiB: number[] = [];
  for (let run = 0; run < runs; run++) {
    const larder = await startLarder(upstream);
    const trivial = await startTrivial();
    await sleep(SETTLE_MS);
    readyMs.push(larder.readyAfterMs);
    idleMiB.push(residentMiB(larder.pid).now);
    trivialMiB.push(residentMiB(trivial.pid).now);
    await Promise.all([larder.stop(), trivial.stop()]);
  }
  return [
    { measure: "to the ready line", unit: "ms", larder: readyMs },
    { measure: "resident, idle", unit: "MiB", larder: idleMiB, reference: { name: "trivial", values: trivialMiB } },
  ];
}

async function measureMemory({ larder }: Bench): Promise<Figure[]> {
  const { now, peak } = residentMiB(larder.pid);
  return [
    { measure: "resident after the rows", unit: "MiB", larder: [now] },
    { measure: "most ever resident", unit: "MiB", larder: [peak] },
  ];
}
