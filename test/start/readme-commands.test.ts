import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClientHome } from "../clients/client-home.ts";
import type { RunningLarder } from "../clients/larder.ts";
import { startLarder } from "../clients/larder-process.ts";
import { type Fixtures, startFixtures } from "../fixtures/start-fixtures.ts";
import { describeWithTools } from "../services/describe-with-tools.ts";
import type { ToolName } from "../services/tools.ts";

// Every command of README's walk-through after the start, as it stands there; only the names of this run's places are put in.
const ROOT = resolve(import.meta.dirname, "../..");
const TOOLS = ["npm", "python", "pip", "uv", "helm", "grpcurl"] as const satisfies readonly ToolName[];

const readme = readFileSync(join(ROOT, "README.md"), "utf8");
const [, walk = ""] = /## From nothing to a mirrored install\n+```sh\n([\s\S]*?)```/.exec(readme) ?? [];
const commands = walk
  .split("\n")
  .map((line) => line.replace(/\s+#.*$/, "").trim())
  .filter((line) => line !== "" && !line.startsWith("#") && !line.includes("npm start"));

describeWithTools(TOOLS, "README's walk-through", () => {
  let fixtures: Fixtures;
  let larder: RunningLarder;
  beforeAll(async () => {
    fixtures = await startFixtures();
    const { npm, pypi } = fixtures;
    larder = await startLarder({
      repositories: [
        { id: "npm", format: "npm", upstreamUrl: npm.upstream.url },
        { id: "pypi", format: "pypi", upstreamUrl: `${pypi.upstream.url}/simple/`, fileOrigins: [pypi.files.url] },
      ],
    });
  });
  afterAll(async () => {
    await larder.stop();
    await fixtures.stop();
  });

  /** The command as a reader would change it for his own machine. */
  const placed = (command: string): string =>
    [
      ["http://127.0.0.1:8080", larder.httpUrl],
      ["127.0.0.1:9090", larder.grpcUrl.replace("http://", "")],
      ["https://charts.example/stable", fixtures.helm.upstream.url],
      ["npm run larder", `npm --prefix ${ROOT} run larder`],
      ["uv pip install", "uv venv -q && uv pip install"],
      ["pip install --index-url", "pip install --target site-packages --index-url"],
      [/express$/, "larder-app"],
      [/flask$/, "larder-fixture-app"],
    ].reduce((text, [from, to]) => text.replace(from as string, to as string), command);

  test("is there", () => {
    expect(commands).toHaveLength(7);
  });

  test.each(commands)("%s", async (command) => {
    const home = await createClientHome(TOOLS, { LARDER_SERVER_URL: larder.grpcUrl, LARDER_TOKEN: larder.token });
    mkdirSync(join(home.project, "data"));
    writeFileSync(join(home.project, "data/admin-token"), larder.token);
    const { code, output } = await home.paste(placed(command));
    expect(`${code} ${output}`).toMatch(/^0 /);
  });
});
