import type { StartLarder } from "./larder.ts";
import { startLarder } from "./larder-process.ts";
import { startLarderProcesses } from "./larder-processes.ts";

/** One way to run Larder; every scenario is the same in each of them. */
export interface Shape {
  readonly shape: string;
  readonly start: StartLarder;
}

export const ONE_PROCESS: Shape = { shape: "one process", start: startLarder };

export const EVERY_SHAPE: readonly Shape[] = [ONE_PROCESS, { shape: "several processes", start: startLarderProcesses }];
