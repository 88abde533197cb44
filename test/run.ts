import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join, resolve } from "node:path";
import { type RunServices, startServices } from "./runner/services.ts";
import { closingLine } from "./runner/test-counts.ts";
import { runInherited, runVitest } from "./runner/vitest-run.ts";
import { provision } from "./services/provision.ts";

/**
 * `npm test [-- filter …]`: the types, then every test, with MariaDB and nats-server started for the run.
 * Everything that is wrong counts as failed, so the last line is true: a type error, a service that is not there, no test at all,
 * and with CI=true a client that is missing.
 */
const EXIT_INTERRUPTED = 130;
const ROOT = resolve(import.meta.dirname, "..");
const say = (line: string) => console.log(`test: ${line}`);

process.chdir(ROOT);
// Everything temporary of the run is in one folder, so that an interrupted test leaves nothing behind either.
const runFolder = mkdtempSync(join(tmpdir(), "larder-run-"));
process.env.TMPDIR = runFolder;
process.once("exit", () => rmSync(runFolder, { recursive: true, force: true }));
process.exitCode = await main(process.argv.slice(2));

async function main(filters: readonly string[]): Promise<number> {
  const { missing } = await provision(say);
  const interrupt = interruption();
  const services = await startServices(say);
  const { counts, problems } = await runTests(filters, services, interrupt).finally(() => services.stop());
  if (interrupt.aborted) return EXIT_INTERRUPTED;

  problems.push(...reportMissing(missing));
  for (const problem of problems) say(`failed: ${problem}`);
  const failed = counts.failed + problems.length;
  console.log(closingLine({ ...counts, failed }));
  return failed === 0 ? 0 : 1;
}

/** Checks the types, which vitest does not, then runs the tests; `problems` is what failed besides a test. */
async function runTests(filters: readonly string[], services: RunServices, interrupt: AbortSignal) {
  const problems = [...services.problems];
  const environment = { ...process.env, ...services.environment, PATH: pathWithOurs() };
  const typesCode = await runInherited("tsc", ["--noEmit", "-p", "."], environment, interrupt);
  if (typesCode !== 0) problems.push("tsc: the types are wrong");

  const { code, counts } = await runVitest(filters, environment, interrupt);
  if (counts.passed + counts.failed === 0) problems.push("no test was run");
  else if (code !== 0 && counts.failed === 0) problems.push(`vitest ended with ${code}`);
  return { counts, problems };
}

/** Names the clients whose tests were not run; with CI=true each is a problem. */
function reportMissing(missing: ReadonlyMap<string, string>): string[] {
  const lines = [...missing].map(([name, reason]) => `not run, ${name} is missing: ${reason}`);
  if (process.env.CI === "true") return lines;
  for (const line of lines) say(line);
  return [];
}

/** Aborts at the first signal, so that the servers are stopped in order; the second one ends at once. */
function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
      controller.abort();
    });
  }
  return controller.signal;
}

function pathWithOurs(): string {
  return [resolve(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);
}
