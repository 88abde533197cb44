import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TEST_TOKEN } from "#internal/rpc/start-test-process.ts";
import { startTestServer, type TestServer } from "./test-server.ts";
import { runTestCommand, TEST_VERSION } from "./test-terminal.ts";

let larder: TestServer;
let otherServer: Server;
const folder = mkdtempSync(join(tmpdir(), "larder-cli-"));
const tokenFile = join(folder, "admin-token");
beforeAll(async () => {
  writeFileSync(tokenFile, `${TEST_TOKEN}\n`);
  larder = await startTestServer();
  otherServer = createServer((_, response) => response.end("no gRPC here"));
  await new Promise<void>((resolve) => otherServer.listen(0, "127.0.0.1", resolve));
});
afterAll(async () => {
  await larder.close();
  otherServer.close();
  rmSync(folder, { recursive: true });
});

test("help names every group of commands and every exit code; the version is the one it was built with", async () => {
  const help = await runTestCommand(["--help"]);
  expect(help).toMatchObject({ exitCode: 0, errors: "" });
  for (const word of ["repo", "package", "task", "entry", "purge", "stats", "snippet", "larder serve"]) {
    expect(help.output).toContain(`  ${word}`);
  }
  expect(help.output).toMatch(/Exit codes:\n {2}0 .*\n {2}1 .*\n {2}2 .*\n {2}3 /);
  expect(await runTestCommand(["--version"])).toEqual({ exitCode: 0, output: `${TEST_VERSION}\n`, errors: "" });
});

test.each([
  [["stat"], "Did you mean stats?"],
  [["repo", "lst"], "Did you mean list?"],
  [["repo", "list", "--limt", "1"], "Did you mean --limit?"],
  [["repo", "list", "--limit", "0"], "must be a whole number from 1"],
  [["repo", "create", "x", "--format", "npm"], "--upstream-url"],
  [["repo", "update", "x", "--visibility", "all"], "must be one of public, internal, private"],
  [["repo", "update", "x", "--label", "novalue"], "must be key=value"],
  [["repo", "update", "x", "--clear", "format"], "must be one of display-name"],
  [["repo", "update", "x"], "nothing to change"],
  [["repo", "list", "--server-url", "nonsense"], "--server-url must be an http or https URL"],
  [["repo", "list", "--token-file", "/absent"], "--token-file names /absent, which cannot be read"],
])("larder %j is wrong usage: %s", async (argv, message) => {
  const { exitCode, output, errors } = await runTestCommand(argv);
  expect({ exitCode, output }).toEqual({ exitCode: 2, output: "" });
  expect(errors).toContain(message);
});

test("a server that is not there, or is none, is exit code 3", async () => {
  const absent = await runTestCommand(["repo", "list", "--server-url", "http://127.0.0.1:1"]);
  expect(absent).toMatchObject({ exitCode: 3, output: "" });
  expect(absent.errors).toMatch(/^error: the server cannot be reached.*ECONNREFUSED.*\nhint: .*--server-url/);
  const { port } = otherServer.address() as AddressInfo;
  const other = await runTestCommand(["stats", "--json"], {
    environment: { LARDER_SERVER_URL: `http://127.0.0.1:${port}` },
  });
  expect(other.exitCode).toBe(3);
  expect(JSON.parse(other.errors)).toMatchObject({ error: { reason: "SERVER_UNREACHABLE" } });
});

test("what the server refuses is exit code 1, with its reason and what to do", async () => {
  const absent = await larder.attempt(["repo", "get", "absent"]);
  expect(absent).toEqual({
    exitCode: 1,
    output: "",
    errors: 'error: there is no repository "absent" (REPOSITORY_NOT_FOUND)\n',
  });
  const asJson = await larder.attempt(["repo", "get", "absent", "--json"]);
  expect(JSON.parse(asJson.errors)).toMatchObject({
    error: { reason: "REPOSITORY_NOT_FOUND", facts: { repository: "absent" } },
  });
  const field = await larder.attempt(["repo", "create", "x", "--format", "raw", "--upstream-url", "ftp://x/"]);
  expect(field.errors).toMatch(/upstream_url.*\(ARGUMENT_INVALID\)\nhint: see --upstream-url\n$/);
});

test.each([
  ["--token-file", ["--token-file", tokenFile], {}],
  ["--data-dir", ["--data-dir", folder], {}],
  ["LARDER_TOKEN", [], { LARDER_TOKEN: TEST_TOKEN }],
  ["LARDER_ADMIN_TOKEN", [], { LARDER_ADMIN_TOKEN: TEST_TOKEN }],
  ["LARDER_DATA_DIR", [], { LARDER_DATA_DIR: folder }],
])("the token comes out of %s, before or after the command", async (_, flags, settings) => {
  const environment = { LARDER_DATA_DIR: join(folder, "absent"), LARDER_SERVER_URL: larder.process.url, ...settings };
  // A flag and a variable for the same setting are no contradiction: the flag wins.
  for (const argv of [
    [...flags, "repo", "list"],
    ["repo", "list", ...flags],
  ]) {
    expect(await runTestCommand(argv, { environment })).toMatchObject({ exitCode: 0 });
  }
});

test("without the right token the server refuses, and the hint says where one comes from", async () => {
  for (const settings of [{}, { LARDER_TOKEN: "wrong-token" }]) {
    const environment = { LARDER_DATA_DIR: join(folder, "absent"), LARDER_SERVER_URL: larder.process.url, ...settings };
    const refused = await runTestCommand(["repo", "list"], { environment });
    expect(refused.exitCode).toBe(1);
    expect(refused.errors).toMatch(/\((?:UNAUTHENTICATED|PERMISSION_DENIED)\)\nhint: .*--token-file/);
  }
});

test("services that are processes of their own are each asked where they are, unless --server-url says otherwise", async () => {
  const { url } = larder.process;
  const environment = { LARDER_TOKEN: TEST_TOKEN, LARDER_SERVER_URL: "http://127.0.0.1:1", LARDER_MIRROR_URL: url };
  expect((await runTestCommand(["stats"], { environment })).exitCode).toBe(0);
  expect((await runTestCommand(["repo", "list"], { environment })).exitCode).toBe(3);
  expect((await runTestCommand(["repo", "list", "--server-url", url], { environment })).exitCode).toBe(0);
  expect((await runTestCommand(["stats", "--server-url", "http://127.0.0.1:1"], { environment })).exitCode).toBe(3);
});
