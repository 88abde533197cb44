import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { Agent } from "node:http";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { errorsOf, type RunningLarder, repositoryUrl } from "../clients/larder.ts";
import { startLarder } from "../clients/larder-process.ts";
import type { RawSite } from "../fixtures/raw-site.ts";
import { startRawFixture, type TwoHostFixture } from "../fixtures/start-fixtures.ts";
import { metricOf, temporaryFiles } from "./aftermath.ts";
import { type Answer, ask } from "./ask.ts";

const COLD = Array.from({ length: 40 }, (_, index) => `files/cold-${index}.bin`);
/** Descriptors that are left to a process that needs two or three for each cold file. */
const SPARE = 8;

let fixture: TwoHostFixture<RawSite>;
let larder: RunningLarder;
beforeAll(async () => {
  fixture = await startRawFixture();
  for (const path of COLD) fixture.site.put(`/${path}`, Buffer.alloc(60_000, path));
  larder = await startLarder({
    repositories: [{ id: "files", format: "raw", upstreamUrl: `${fixture.upstream.url}/` }],
  });
});
afterAll(async () => {
  await larder?.stop();
  await fixture?.stop();
});

test("a process without descriptors refuses for a while, sends nothing wrong, and goes on when it has some", async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: COLD.length });
  const get = (path: string) => ask(`${repositoryUrl(larder, "files")}${path}`, {}, agent);
  const isRight = ({ status, complete, body }: Answer, path: string) =>
    status === 200 && complete && body.equals(fixture.site.bytesOf(`/${path}`));
  // The connections stand before there are no descriptors.
  await Promise.all(COLD.map(() => get("files/1k.bin")));

  const pid = await pidOf(larder);
  const before = await limitDescriptors(pid, String((await metricOf(larder, "process_open_fds")) + SPARE));
  const answers = await Promise.all(COLD.map(get));
  for (const [index, answer] of answers.entries()) {
    if (isRight(answer, COLD[index] ?? "")) continue;
    if (answer.status === 200) expect(answer.complete).toBe(false);
    else expect([answer.status, Number(answer.headers["retry-after"]) >= 1]).toEqual([503, true]);
  }
  expect(answers.some(({ status }) => status !== 200)).toBe(true);

  await limitDescriptors(pid, before);
  await vi.waitFor(
    async () => {
      for (const path of COLD) expect(isRight(await get(path), path), path).toBe(true);
    },
    { timeout: 30_000, interval: 500 },
  );
  agent.destroy();
  expect(await temporaryFiles(larder)).toEqual([]);
  expect(await errorsOf(larder)).toEqual([]);
  expect(await pidOf(larder)).toBe(pid);
});

const run = promisify(execFile);

/** Sets the soft limit. @returns the one before. */
async function limitDescriptors(pid: string, limit: string): Promise<string> {
  const { stdout } = await run("prlimit", ["--pid", pid, "--nofile", "--noheadings", "--output", "SOFT"]);
  await run("prlimit", ["--pid", pid, `--nofile=${limit}:`]);
  return stdout.trim();
}

/** Of the process that was started with this Larder's folder. */
async function pidOf({ dataDir }: RunningLarder): Promise<string> {
  for (const pid of (await readdir("/proc")).filter((name) => /^\d+$/.test(name))) {
    // A process may end while it is looked at.
    const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
    if (command.includes(dirname(dataDir))) return pid;
  }
  throw new Error("the Larder has no process");
}
