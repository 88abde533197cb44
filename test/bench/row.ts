import type { BenchProcesses } from "./processes.ts";

/** What was measured of Larder, and of what it is compared with in the same runs: one value a run. */
export interface Figure {
  readonly measure: string;
  readonly unit: "µs" | "ms" | "req/s" | "MiB" | "";
  readonly larder: readonly number[];
  /** `trivial` answers the same bytes from memory; `direct` is the upstream without Larder. */
  readonly reference?: { readonly name: "trivial" | "direct"; readonly values: readonly number[] };
}

/** What a row measures with. */
export interface Bench extends BenchProcesses {
  readonly runs: number;
  /** How long each server is under load in a run. */
  readonly loadMs: number;
}

/** One kind of work. */
export interface Row {
  /** For `--rows`. */
  readonly name: string;
  /** Throws when an answer is not the one that the row is about. */
  measure(bench: Bench): Promise<Figure[]>;
}
