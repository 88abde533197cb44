import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "../services/command.ts";

/** How one check ended. */
export interface StepResult {
  readonly passed: boolean;
  /** What the person who has to mend it reads; for a passed check a remark, or empty. */
  readonly text: string;
}

/** A check that is one command: passed when it exits with 0. */
export function commandStep(file: string, ...args: readonly string[]): () => Promise<StepResult> {
  return async () => {
    const { code, output } = await runCommand(file, args);
    return code === 0 ? { passed: true, text: "" } : { passed: false, text: output };
  };
}

/** Gives the work a temporary folder and removes it afterwards. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "larder-check-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
