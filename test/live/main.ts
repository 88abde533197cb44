import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type LiveLarder, startLiveLarder } from "./live-larder.ts";
import { LIVE_PROJECTS, type LiveProject } from "./live-project.ts";

// `npm run live`: real packages through the upstreams that this machine's own package managers use. Exits 1 when something is not as it should be.
const PHASES = ["cold", "warm", "offline"] as const;
type Phase = (typeof PHASES)[number];

const LIMIT_MS = 20 * 60_000;
const limit = setTimeout(() => leave(`took longer than ${LIMIT_MS / 60_000} minutes`), LIMIT_MS);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => leave(signal));

const larder = await startLiveLarder();
try {
  for (const line of larder.adopted) console.log(line);
  console.log(columns("client", "phase", "seconds", "packages", "upstream requests"));
  for (const phase of PHASES) {
    if (phase === "offline") await larder.goOffline();
    for (const project of LIVE_PROJECTS) await tryPhase(larder, project, phase);
  }
} finally {
  await larder.stop();
  clearTimeout(limit);
}

/** One installation; what it must not have done is said and remembered in the exit code. */
async function tryPhase(live: LiveLarder, project: LiveProject, phase: Phase): Promise<void> {
  const url = live.repositoryUrl(project.repositoryId);
  if (url === undefined) return complain(project, phase, "nothing was adopted for it");
  if (!project.canInstall()) return console.log(`${project.name}: this machine does not have it`);

  const folder = await mkdtemp(join(tmpdir(), "larder-live-client-"));
  try {
    const before = await live.upstreamRequests();
    const startMs = performance.now();
    const packages = await project.install(folder, url);
    const seconds = (performance.now() - startMs) / 1000;
    const requests = (await live.upstreamRequests()) - before;
    console.log(columns(project.name, phase, seconds.toFixed(1), packages, requests));
    if (packages < project.packageCount) complain(project, phase, `fewer than ${project.packageCount} packages`);
    if (phase !== "cold" && requests > 0) complain(project, phase, "the upstream was asked");
  } catch (error) {
    complain(project, phase, (error as Error).message);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function columns(...cells: readonly (string | number)[]): string {
  return cells
    .map((cell) => String(cell).padEnd(10))
    .join("")
    .trimEnd();
}

function complain({ name }: LiveProject, phase: Phase, what: string): void {
  console.error(`${name}, ${phase}: ${what}`);
  process.exitCode = 1;
}

/** Leaving ends Larder. */
function leave(reason: string): never {
  console.error(`live: ${reason}`);
  process.exit(1);
}
