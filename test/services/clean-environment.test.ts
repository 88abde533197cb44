import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { cleanEnvironment } from "./clean-environment.ts";
import { mustRun } from "./command.ts";
import { describeWithTools } from "./describe-with-tools.ts";
import { requireTool, type ToolName } from "./tools.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "larder-clean-"));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test.each([
  "PIP_FIND_LINKS",
  "UV_INDEX_URL",
  "npm_config_registry",
  "NPM_TOKEN",
  "LARDER_DATA_DIR",
  "HTTP_PROXY",
  "CI",
])("%s does not reach a client", (name) => {
  vi.stubEnv(name, "of the machine");
  expect(cleanEnvironment(folder)).not.toHaveProperty(name);
});

test("what a test adds comes last", () => {
  const environment = cleanEnvironment(folder, {
    PIP_INDEX_URL: "http://127.0.0.1:8080/pypi/simple/",
    TMPDIR: "/elsewhere",
  });
  expect(environment).toMatchObject({
    HOME: folder,
    PIP_INDEX_URL: "http://127.0.0.1:8080/pypi/simple/",
    TMPDIR: "/elsewhere",
  });
});

test.each<{ tool: ToolName; args: string[] }>([
  { tool: "npm", args: ["config", "get", "cache"] },
  { tool: "pnpm", args: ["store", "path"] },
  { tool: "yarn1", args: ["cache", "dir"] },
  { tool: "yarn4", args: ["config", "get", "globalFolder"] },
  { tool: "bun", args: ["pm", "cache"] },
])("$tool keeps its cache in the folder", async ({ tool, args }) => {
  const files = { folder, environment: cleanEnvironment(folder) };
  await mustRun("node", ["-e", `require("fs").writeFileSync("package.json", "{}")`], files);
  expect(await mustRun(requireTool(tool), args, files)).toContain(folder);
});

describeWithTools(["pip", "uv"], "Python clients", () => {
  test.each<{ tool: ToolName }>([{ tool: "pip" }, { tool: "uv" }])(
    "$tool keeps its cache in the folder",
    async ({ tool }) => {
      const environment = cleanEnvironment(folder);
      expect(await mustRun(requireTool(tool), ["cache", "dir"], { folder, environment })).toContain(folder);
    },
  );

  test("pip has no configuration", async () => {
    const environment = cleanEnvironment(folder);
    const settings = await mustRun(requireTool("pip"), ["config", "list"], { folder, environment });
    expect(settings.split("\n").filter((line) => /index|links|cert|proxy/.test(line))).toEqual([]);
  });
});

describeWithTools(["helm"], "helm", () => {
  test("keeps its cache in the folder", async () => {
    const environment = cleanEnvironment(folder);
    expect(await mustRun(requireTool("helm"), ["env"], { folder, environment })).toContain(
      `HELM_CACHE_HOME="${folder}`,
    );
  });
});
