import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countTests, NO_TESTS, type TestCounts } from "./test-counts.ts";

/** What vitest left behind. */
export interface VitestRun {
  readonly code: number;
  readonly counts: TestCounts;
}

/** Runs vitest with the default reporter on this terminal; `filters` are its arguments. The signal ends it. */
export async function runVitest(
  filters: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<VitestRun> {
  const folder = await mkdtemp(join(tmpdir(), "larder-vitest-"));
  try {
    const report = join(folder, "report.json");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
    const code = await runInherited("vitest", ["run", ...reporters, ...filters], environment, signal);
    // Vitest writes none when it fails before the first test.
    const counts = existsSync(report) ? countTests(JSON.parse(await readFile(report, "utf8"))) : NO_TESTS;
    return { code, counts };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs a program that shares this terminal; resolves to its exit code, 128 when a signal ended it. */
export function runInherited(
  file: string,
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { env: environment, stdio: "inherit", signal });
    child.once("error", (error) => (error.name === "AbortError" ? undefined : reject(error)));
    child.once("close", (code) => resolve(code ?? 128));
  });
}
