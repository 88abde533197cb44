import type { StartLarder } from "./larder.ts";
import { startLarder } from "./larder-process.ts";
import { startLarderProcesses } from "./larder-processes.ts";

/** One way to run Larder; every scenario is the same in each of them. */
export interface Shape {
  readonly shape: string;
  readonly start: StartLarder;
}

export const ONE_PROCESS: Shape = { shape: "one process", start: startLarder };

export const SEVERAL_PROCESSES: Shape = { shape: "several processes", start: startLarderProcesses };

export const EVERY_SHAPE: readonly Shape[] = [ONE_PROCESS, SEVERAL_PROCESSES];
