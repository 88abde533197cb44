import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Fixtures, startFixtures } from "../fixtures/start-fixtures.ts";
import { cleanEnvironment } from "../services/clean-environment.ts";
import { mustRun, runCommand } from "../services/command.ts";
import { type ServerProcess, startServerProcess } from "../services/server-process.ts";

// What a new user does: `npm start` on a machine whose package managers are configured, then what it printed.
const ROOT = resolve(import.meta.dirname, "../..");
const folder = mkdtempSync(join(tmpdir(), "larder-start-"));
const logFile = join(folder, "start.log");
const home = join(folder, "home");
let fixtures: Fixtures;
let larder: ServerProcess;

const printed = (): string => readFileSync(logFile, "utf8");
const httpUrl = (): string => `http://${/^larder ready .*\bhttp=(\S+)/m.exec(printed())?.[1]}`;

beforeAll(async () => {
  fixtures = await startFixtures();
  fixtures.pypi.site.filesUrl = undefined;
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, ".npmrc"), `registry=${fixtures.npm.upstream.url}/\n`);
  larder = await startServerProcess({
    file: "npm",
    args: ["--prefix", ROOT, "start"],
    logFile,
    environment: cleanEnvironment(home, {
      PIP_INDEX_URL: `${fixtures.pypi.upstream.url}/simple/`,
      LARDER_DATA_DIR: join(folder, "data"),
      LARDER_HTTP_ADDRESS: "127.0.0.1:0",
      LARDER_GRPC_ADDRESS: "127.0.0.1:0",
      LARDER_ADMIN_ADDRESS: "127.0.0.1:0",
    }),
    isReady: async () => /^larder ready/m.test(printed()),
  });
});

afterAll(async () => {
  await larder.stop();
  await fixtures.stop();
  rmSync(folder, { recursive: true, force: true });
});

test("says what it adopted and where it was found, although upstreams on loopback are refused otherwise", () => {
  expect(printed()).toContain(`adopted npm: ${fixtures.npm.upstream.url}/ (npm config get registry)`);
  expect(printed()).toContain(`adopted pypi: ${fixtures.pypi.upstream.url}/simple/ ($PIP_INDEX_URL)`);
});

test("the printed npm snippet works when pasted", async () => {
  const project = join(folder, "project");
  mkdirSync(project);
  writeFileSync(join(project, "package.json"), '{"name":"project","version":"1.0.0"}');
  const snippet = /npm config set registry .*/.exec(printed())?.[0] ?? "no snippet";
  const environment = cleanEnvironment(join(folder, "user"));
  await mustRun("sh", ["-c", snippet], { folder: project, environment });
  await mustRun("npm", ["install", "larder-app"], { folder: project, environment });
  const { packages } = JSON.parse(readFileSync(join(project, "package-lock.json"), "utf8"));
  expect(packages["node_modules/larder-app"].resolved).toContain(`${httpUrl()}/npm/`);
});

test("the printed pip snippet works when pasted", async () => {
  const snippet = /pip install --index-url \S+/.exec(printed())?.[0] ?? "no snippet";
  const target = join(folder, "site-packages");
  const environment = cleanEnvironment(join(folder, "user"));
  await mustRun("sh", ["-c", `${snippet} --target ${target} larder-fixture-app`], { folder, environment });
  expect(readFileSync(logFile, "utf8")).not.toContain('"level":"error"');
});

test("the administrator's token is a file that only its owner reads, and opens the services", async () => {
  const token = readFileSync(join(folder, "data/admin-token"), "utf8").trim();
  const grpc = /\bgrpc=(\S+)/.exec(printed())?.[1];
  const ask = (authorization: Record<string, string>) =>
    fetch(`http://${grpc}/larder.v1.RepoManager/ListRepositories`, {
      method: "POST",
      headers: { "content-type": "application/json", ...authorization },
      body: "{}",
    });
  expect((await ask({})).status).toBe(401);
  const answer = (await (await ask({ authorization: `Bearer ${token}` })).json()) as {
    repositories: { name: string }[];
  };
  expect(answer.repositories.map(({ name }) => name)).toEqual(["repositories/npm", "repositories/pypi"]);
  expect((await mustRun("stat", ["-c", "%a", join(folder, "data/admin-token")])).trim()).toBe("600");
});

test("a wrong setting stops the start, names the key, and exits 2", async () => {
  const environment = cleanEnvironment(home, { LARDER_HTTP_ADRESS: "127.0.0.1:0" });
  const { code, output } = await runCommand(process.execPath, [join(ROOT, "cmd/larder/main.ts"), "serve"], {
    environment,
  });
  expect(code).toBe(2);
  expect(output).toContain("LARDER_HTTP_ADDRESS");
});

test("README's two commands are the ones that are tested, and CI runs the second", () => {
  const readme = readFileSync(join(ROOT, "README.md"), "utf8");
  expect(readme).toContain("```sh\nnpm ci && npm start\n```");
  expect(readme).toContain("```sh\nnpm ci && npm test\n```");
  const ci = readFileSync(join(ROOT, ".ci/run"), "utf8").split("\n");
  expect(ci).toEqual(expect.arrayContaining(["npm ci", "npm test"]));
});
