import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "./test-server.ts";

// The command line as the process that a person starts.
const MAIN = resolve(import.meta.dirname, "../../cmd/larder/main.ts");

let larder: TestServer;
beforeAll(async () => {
  larder = await startTestServer();
});
afterAll(() => larder.close());

async function start(...argv: string[]) {
  const { PATH = "" } = process.env;
  const child = spawn(process.execPath, [MAIN, ...argv], { env: { PATH, ...larder.environment } });
  const ended = new Promise<number | null>((done) => child.once("close", done));
  const [output, errors, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { output, errors, exitCode };
}

test("help, version and mistakes need no server", async () => {
  expect(await start("--help")).toMatchObject({ exitCode: 0, output: expect.stringContaining("Exit codes:") });
  expect(await start("--version")).toMatchObject({ exitCode: 0, output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
  expect(await start("stat")).toMatchObject({ exitCode: 2, errors: expect.stringContaining("Did you mean stats?") });
});

test("README's commands work on a server that runs, and the process ends by itself", async () => {
  const { url } = larder.process.upstream;
  const created = await start(
    ...["repo", "create", "charts", "--format", "helm", "--upstream-url", url, "--visibility", "public"],
  );
  expect(created).toMatchObject({ exitCode: 0, errors: "", output: expect.stringMatching(/^visibility +PUBLIC$/m) });
  expect(await start("repo", "index", "charts")).toMatchObject({
    exitCode: 0,
    output: expect.stringContaining("PENDING"),
  });
  expect(await start("repo", "offline", "charts")).toMatchObject({ exitCode: 0, output: "charts is OFFLINE\n" });
  expect(await start("repo", "get", "absent")).toMatchObject({ exitCode: 1, output: "" });
});

test("colours are not written into a pipe", async () => {
  expect((await start("repo", "list")).output).not.toContain("\u001b");
});
