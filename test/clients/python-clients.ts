import { moduleName } from "../fixtures/python-distribution.ts";
import { startPypiFixture } from "../fixtures/start-fixtures.ts";
import type { CommandResult } from "../services/command.ts";
import { type ClientHome, createClientHome, succeeded, type WhenDone } from "./client-home.ts";
import type { ClientUpstream, LockFile, PackageClient } from "./package-client.ts";
import { snippetOf } from "./snippet.ts";

const APP = "larder-fixture-app";
const SHA256 = /sha256:[0-9a-f]{64}/g;

/** Lists what it finds importable, then what the installed program prints. */
const TREE = ["larder-fixture-app 1.0.0", "Foo.Bar_baz 1.1.0", "larder-fixture-core 1.1.0"];
const PRINT_TREE = `
import importlib
for name in ("larder_fixture_app", "foo_bar_baz", "larder_fixture_core"):
    module = importlib.import_module(name)
    print(module.NAME, module.__version__)
`;

/** Into an environment that has nothing, not even pip. */
export const pip: PackageClient = pythonClient("pip", {
  file: "requirements.txt",
  ...{ integrity: SHA256, count: 3 },
  write: writePipLock,
  install: (home, url) => pipInstall(home, url, "--require-hashes -r requirements.txt"),
});

/** By its pip interface; uv's projects have a test of their own. */
export const uv: PackageClient = pythonClient("uv", {
  file: "requirements.txt",
  ...{ integrity: SHA256, count: 3 },
  async write(home, url) {
    await home.write("requirements.in", `${APP}\n`);
    succeeded(await uvPip(home, url, "compile --generate-hashes requirements.in -o requirements.txt"));
  },
  install: (home, url) => uvPip(home, url, "install --require-hashes -r requirements.txt"),
});

/** A new machine with an empty environment `venv` beside its project, into which pip and uv install. */
export async function newPythonHome(whenDone?: WhenDone): Promise<ClientHome> {
  const home = await createClientHome(["python", "pip", "uv", "twine"], NO_RETRIES, whenDone);
  await home.mustRun("python", "-m", "venv", "--without-pip", home.path("venv"));
  return home;
}

// A download that fails is not tried again: the tests make it fail on purpose.
const NO_RETRIES = { PIP_RETRIES: "0", UV_HTTP_RETRIES: "0" };

/** Runs the pip snippet with these arguments in the place of its package. */
export function pipInstall(home: ClientHome, url: string, args: string): Promise<CommandResult> {
  const snippet = snippetOf("pypi", "pip", url).replace("<package>", args);
  return home.paste(`export PIP_PYTHON=${home.path("venv/bin/python")}\n${snippet}`);
}

/** Runs `uv pip` with these arguments, after the uv snippet. */
export function uvPip(home: ClientHome, url: string, args: string): Promise<CommandResult> {
  const snippet = snippetOf("pypi", "uv", url);
  return home.paste(`export VIRTUAL_ENV=${home.path("venv")}\n${snippet}\nuv pip ${args}`);
}

/** Runs Python code in the environment. */
export function runPython(home: ClientHome, code: string): Promise<CommandResult> {
  return home.run(home.path("venv/bin/python"), "-c", code);
}

function pythonClient(name: "pip" | "uv", lock: LockFile): PackageClient {
  const add = (home: ClientHome, url: string, packageName: string) =>
    name === "pip" ? pipInstall(home, url, packageName) : uvPip(home, url, `install ${packageName}`);
  return {
    ...{ name, lock, add, versionOf, tree: [...TREE, "larder-fixture-app 1.0.0"] },
    tools: ["python", "pip", "uv", "twine"],
    refusal: name === "pip" ? /No matching distribution/ : /is offline by an operator's choice/,
    startUpstream: startPypiUpstream,
    newHome: (_url, whenDone) => newPythonHome(whenDone),
    install: (home, url) => add(home, url, APP),
    async installed(home) {
      const modules = succeeded(await runPython(home, PRINT_TREE));
      const program = await home.mustRun(home.path("venv/bin", APP));
      return `${modules}${program}`.trim().split("\n");
    },
  };
}

async function versionOf(home: ClientHome, packageName: string): Promise<string | undefined> {
  const { code, stdout } = await runPython(home, `import ${moduleName(packageName)} as m; print(m.__version__)`);
  return code === 0 ? stdout.trim() : undefined;
}

async function startPypiUpstream(): Promise<ClientUpstream> {
  const { site, upstream, files, stop } = await startPypiFixture();
  return {
    settings: { format: "pypi", upstreamUrl: `${upstream.url}/simple/`, fileOrigins: [files.url] },
    servers: [upstream, files],
    publish: (name, version) => void site.publish({ name, version }),
    behaveForFiles: (name, behaviour) => files.behaveFor(new RegExp(`/${moduleName(name)}-`), behaviour),
    stop,
  };
}

/** pip writes no requirements file with hashes; its report has what belongs into one. */
async function writePipLock(home: ClientHome, url: string): Promise<void> {
  succeeded(await pipInstall(home, url, `--quiet --dry-run --ignore-installed --report report.json ${APP}`));
  const report = JSON.parse(await home.read("report.json")) as {
    install: { metadata: { name: string; version: string }; download_info: { archive_info: { hash: string } } }[];
  };
  const lines = report.install.map(
    ({ metadata, download_info }) =>
      `${metadata.name}==${metadata.version} --hash=${download_info.archive_info.hash.replace("=", ":")}\n`,
  );
  await home.write("requirements.txt", lines.join(""));
}
