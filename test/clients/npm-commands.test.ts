import { afterAll, beforeAll, expect, test } from "vitest";
import type { NpmSite } from "../fixtures/npm-site.ts";
import { type Fixture, startNpmFixture } from "../fixtures/start-fixtures.ts";
import { describeWithTools } from "../services/describe-with-tools.ts";
import type { ToolName } from "../services/tools.ts";
import { succeeded } from "./client-home.ts";
import { type RunningLarder, repositoryUrl } from "./larder.ts";
import { startLarder } from "./larder-process.ts";
import { newNpmHome } from "./npm-clients.ts";
import { snippetOf } from "./snippet.ts";

let fixture: Fixture<NpmSite>;
let larder: RunningLarder;

beforeAll(async () => {
  fixture = await startNpmFixture();
  larder = await startLarder({ repositories: [{ id: "npm", format: "npm", upstreamUrl: fixture.upstream.url }] });
});
afterAll(async () => {
  await larder?.stop();
  await fixture?.stop();
});

async function projectOf(tool: ToolName, client: string, dependencies: object = {}) {
  const home = await newNpmHome(tool, dependencies);
  succeeded(await home.paste(snippetOf("npm", client, repositoryUrl(larder, "npm"))));
  return home;
}

describeWithTools(["npm"], "npm's questions to a registry", () => {
  test.each([
    { ask: ["view", "larder-left", "version"], answer: "1.1.0" },
    { ask: ["view", "larder-left@next", "version"], answer: "2.0.0-next.1" },
    { ask: ["view", "@larder-fixture/scoped", "version"], answer: "1.0.1" },
    { ask: ["view", "larder-chain-a@1.0.0", "dependencies.larder-left"], answer: "~1.0.0" },
    { ask: ["dist-tag", "ls", "larder-left"], answer: "latest: 1.1.0\nnext: 2.0.0-next.1" },
    { ask: ["dist-tag", "ls", "@larder-fixture/scoped"], answer: "latest: 1.0.1" },
  ])("npm $ask", async ({ ask, answer }) => {
    const home = await projectOf("npm", "npm");
    expect((await home.mustRun("npm", ...ask)).trim()).toBe(answer);
  });

  test("npm view names Larder as the place of the file, and the time of publication", async () => {
    const home = await projectOf("npm", "npm");
    const fields = ["dist.tarball", "dist.integrity", "time"];
    const shown = JSON.parse(await home.mustRun("npm", "view", "--json", "larder-left@1.0.0", ...fields));
    expect(shown).toMatchObject({
      "dist.tarball": `${repositoryUrl(larder, "npm")}larder-left/-/larder-left-1.0.0.tgz`,
      "dist.integrity": expect.stringMatching(/^sha512-/),
      time: { "1.0.0": "2020-02-01T09:00:00.000Z" },
    });
  });

  test("npm ping", async () => {
    const { code, output } = await (await projectOf("npm", "npm")).run("npm", "ping");
    expect(code, output).toBe(0);
    expect(output).toMatch(/PONG/);
  });

  test("npm search", async () => {
    const found = await (await projectOf("npm", "npm")).mustRun("npm", "search", "--json", "larder-chain");
    const names = (JSON.parse(found) as { name: string }[]).map(({ name }) => name);
    expect(names.sort()).toEqual(["larder-chain-a", "larder-chain-b", "larder-chain-c"]);
  });

  test("npm install says that a version is deprecated", async () => {
    const home = await projectOf("npm", "npm", { "larder-deprecated": "1.0.0" });
    const { code, output } = await home.run("npm", "install");
    expect(code, output).toBe(0);
    expect(output).toContain("larder-deprecated@1.0.0: 1.0.0 is broken, please use 1.0.1");
  });

  test("npm install of a package that does not exist", async () => {
    const { code, output } = await (await projectOf("npm", "npm")).run("npm", "install", "larder-nowhere");
    expect(code).not.toBe(0);
    expect(output).toMatch(/E404(?:.|\n)*larder-nowhere/);
  });
});

// Not of Yarn 1: it asks its makers' registry for audits, whatever registry it is told to use.
describeWithTools(["npm"], "audits", () => {
  test.each<{ tool: ToolName; client: string; install: string[]; audit: string[] }>([
    { tool: "npm", client: "npm", install: ["npm", "install"], audit: ["npm", "audit"] },
    { tool: "pnpm", client: "pnpm", install: ["pnpm", "install"], audit: ["pnpm", "audit"] },
    { tool: "yarn4", client: "yarn 4", install: ["yarn", "install"], audit: ["yarn", "npm", "audit"] },
    { tool: "bun", client: "bun", install: ["bun", "install"], audit: ["bun", "audit"] },
  ])("$client tells of the advisory", async ({ tool, client, install, audit }) => {
    const home = await projectOf(tool, client, { "larder-deprecated": "1.0.0", "larder-left": "^1.0.0" });
    const run = ([program = "", ...args]: string[]) => home.run(program, ...args);
    succeeded(await run(install));
    const { code, output } = await run(audit);
    expect(code, output).not.toBe(0);
    expect(output).toContain("Fixture advisory in larder-deprecated");
  });
});
