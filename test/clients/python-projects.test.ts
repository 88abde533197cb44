import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PypiSite } from "../fixtures/pypi-site.ts";
import { startPypiFixture, type TwoHostFixture } from "../fixtures/start-fixtures.ts";
import { describeWithTools } from "../services/describe-with-tools.ts";
import { requireTool } from "../services/tools.ts";
import { type ClientHome, createClientHome, succeeded } from "./client-home.ts";
import { type RunningLarder, repositoryUrl } from "./larder.ts";
import { startLarder } from "./larder-process.ts";
import { newPythonHome, pipInstall, runPython } from "./python-clients.ts";
import { snippetOf } from "./snippet.ts";

describeWithTools(["python", "pip", "uv", "twine"], "Python projects", () => {
  let fixture: TwoHostFixture<PypiSite>;
  let larder: RunningLarder;
  let url: string;

  beforeAll(async () => {
    fixture = await startPypiFixture();
    const upstreamUrl = `${fixture.upstream.url}/simple/`;
    const settings = { format: "pypi", upstreamUrl, fileOrigins: [fixture.files.url], metadataTtl: "1ms" };
    larder = await startLarder({ repositories: [{ id: "pypi", ...settings }] });
    url = repositoryUrl(larder, "pypi");
  });
  afterAll(async () => {
    await larder?.stop();
    await fixture?.stop();
  });

  test("a wheel and a source distribution that build made and twine checked install as they are", async () => {
    const files = await buildProject(await newPythonHome());
    fixture.site.publish({ name: "larder-built", version: "1.0.0", files });

    const home = await newPythonHome();
    succeeded(await pipInstall(home, url, "larder-built"));
    expect(await home.mustRun(home.path("venv/bin/larder-built"))).toBe("built for real\n");

    // In pip's own environment, which has the build backend; so nothing is installed, a wheel is made.
    const args = "wheel --no-deps --no-build-isolation --no-binary larder-built --wheel-dir wheels".split(" ");
    await home.mustRun("pip", ...args, "--index-url", `${url}simple/`, "larder-built");
    expect(await readdir(join(home.project, "wheels"))).toEqual(["larder_built-1.0.0-py3-none-any.whl"]);
  });

  test("uv locks a project, and syncs it from the lock file while the upstream is stopped", async () => {
    const first = await uvProject(url);
    await first.mustRun("uv", "lock");
    const lock = await first.read("uv.lock");
    expect(lock).toContain(`registry = "${url}simple/"`);
    expect(lock.match(/hash = "sha256:[0-9a-f]{64}"/g)?.length).toBe(4);
    await first.mustRun("uv", "sync", "--locked");

    await Promise.all([fixture.upstream.behave("stopped"), fixture.files.behave("stopped")]);
    const second = await uvProject(url);
    await second.write("uv.lock", lock);
    await second.mustRun("uv", "sync", "--frozen");
    expect(await second.mustRun("uv", "run", "--no-sync", "larder-fixture-app")).toBe("larder-fixture-app 1.0.0\n");
    await Promise.all([fixture.upstream.behave("normal"), fixture.files.behave("normal")]);
  });

  test("pip reads the index from pip.conf", async () => {
    const home = await newPythonHome();
    await home.write("pip.conf", snippetOf("pypi", "pip.conf", url));
    const variables = [
      `PIP_CONFIG_FILE=${home.path("project/pip.conf")}`,
      `PIP_PYTHON=${home.path("venv/bin/python")}`,
    ];
    await home.mustRun("env", ...variables, "pip", "install", "foo.bar-baz");
    expect(succeeded(await runPython(home, "import foo_bar_baz as m; print(m.__version__)"))).toBe("1.1.0\n");
  });
});

const PYPROJECT = `
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"

[project]
name = "larder-built"
version = "1.0.0"
description = "Built by the real tools"
readme = "README.md"
requires-python = ">=3.8"

[project.scripts]
larder-built = "larder_built:main"

[tool.setuptools]
py-modules = ["larder_built"]
`;

/** Builds both distributions by build and setuptools, and has twine check them. */
async function buildProject(home: ClientHome) {
  await home.write("pyproject.toml", PYPROJECT);
  await home.write("README.md", "# Built\n");
  await home.write("larder_built.py", 'def main():\n    print("built for real")\n');
  await home.mustRun("python", "-m", "build", "--no-isolation", "--outdir", "dist", ".");
  const folder = join(home.project, "dist");
  const names = (await readdir(folder)).sort();
  expect(names).toEqual(["larder_built-1.0.0-py3-none-any.whl", "larder_built-1.0.0.tar.gz"]);
  const checked = await home.mustRun("twine", "check", "--strict", ...names.map((name) => join(folder, name)));
  expect(checked.match(/PASSED/g)?.length).toBe(2);
  return Promise.all(names.map(async (filename) => ({ filename, content: await readFile(join(folder, filename)) })));
}

/** A uv project that wants the tree, with Larder's own uv.toml. */
async function uvProject(url: string): Promise<ClientHome> {
  const home = await createClientHome(["uv"], { UV_PYTHON: requireTool("python") });
  const fields = ['name = "project"', 'version = "1.0.0"', 'requires-python = ">=3.8"'];
  await home.write("pyproject.toml", `[project]\n${fields.join("\n")}\ndependencies = ["larder-fixture-app"]\n`);
  await home.write("uv.toml", snippetOf("pypi", "uv.toml", url));
  return home;
}
