import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { PypiSite } from "../fixtures/pypi-site.ts";
import { startPypiFixture, type TwoHostFixture } from "../fixtures/start-fixtures.ts";
import type { CommandResult } from "../services/command.ts";
import { describeWithTools } from "../services/describe-with-tools.ts";
import { type ClientHome, succeeded } from "./client-home.ts";
import { type RunningLarder, repositoryUrl } from "./larder.ts";
import { startLarder } from "./larder-process.ts";
import { newPythonHome, pipInstall, runPython, uvPip } from "./python-clients.ts";

interface Installer {
  readonly name: string;
  readonly install: (home: ClientHome, url: string, args: string) => Promise<CommandResult>;
}

const PIP: Installer = { name: "pip", install: pipInstall };
const UV: Installer = { name: "uv", install: (home, url, args) => uvPip(home, url, `install ${args}`) };
const INSTALLERS: readonly Installer[] = [PIP, UV];

const GONE = { mode: "status", code: 404 } as const;

/** A repository for each test that counts what goes to the upstream. */
const IDS = ["pypi", "resolve-pip", "resolve-uv", "html-pip", "html-uv"];

describeWithTools(["python", "pip", "uv"], "pip and uv", () => {
  let fixture: TwoHostFixture<PypiSite>;
  let larder: RunningLarder;
  const urlOf = (id: string) => repositoryUrl(larder, id);
  const versionIn = async (home: ClientHome, module: string) =>
    succeeded(await runPython(home, `import ${module} as m; print(m.__version__)`)).trim();

  beforeAll(async () => {
    fixture = await startPypiFixture();
    const settings = {
      format: "pypi",
      upstreamUrl: `${fixture.upstream.url}/simple/`,
      fileOrigins: [fixture.files.url],
    };
    larder = await startLarder({ repositories: IDS.map((id) => ({ id, ...settings })) });
  });
  afterAll(async () => {
    await larder?.stop();
    await fixture?.stop();
  });

  test.each(INSTALLERS)(
    "$name sees from metadata files that versions do not fit, and fetches no wheel",
    async (installer) => {
      fixture.site.publish({ name: "larder-unfit", version: "1.0.0", requires: ["larder-fixture-core<1"] });
      fixture.files.clearRequests();
      const { code, output } = await installer.install(
        await newPythonHome(),
        urlOf(`resolve-${installer.name}`),
        "larder-unfit",
      );
      expect(code, output).not.toBe(0);
      expect(output).toMatch(/larder-fixture-core<1/);
      const files = fixture.files.requests.map(({ path }) => path.replace(/^.*\//, ""));
      expect(files).toEqual(["larder_unfit-1.0.0-py3-none-any.whl.metadata"]);
    },
  );

  test.each(INSTALLERS)("$name installs from an index that has HTML only", async ({ name, install }) => {
    fixture.site.htmlOnly = true;
    const home = await newPythonHome();
    succeeded(await install(home, urlOf(`html-${name}`), "larder-fixture-app"));
    fixture.site.htmlOnly = false;
    expect(await versionIn(home, "larder_fixture_core")).toBe("1.1.0");
  });

  test.each(INSTALLERS)(
    "$name installs a yanked version that is asked for by number, and warns",
    async ({ install }) => {
      const home = await newPythonHome();
      const { code, output } = await install(home, urlOf("pypi"), "larder-fixture-core==1.2.0");
      expect(code, output).toBe(0);
      expect(output).toMatch(/yanked/i);
      expect(output).toContain('breaks <builds> & "more"');
    },
  );

  test.each(INSTALLERS)("$name builds a source distribution", async ({ install }) => {
    const home = await newPythonHome();
    succeeded(await install(home, urlOf("pypi"), "--no-binary larder-fixture-core larder-fixture-core==1.1.0"));
    expect(await versionIn(home, "larder_fixture_core")).toBe("1.1.0");
  });

  test.each(INSTALLERS)("$name takes the version that this Python can run", async ({ install }) => {
    const home = await newPythonHome();
    succeeded(await install(home, urlOf("pypi"), "larder-fixture-future"));
    expect(await versionIn(home, "larder_fixture_future")).toBe("1.0.0");
  });

  test("pip download of a source distribution brings the upstream's bytes", async () => {
    const home = await newPythonHome();
    const options = "--dest downloads --no-deps --no-binary :all:".split(" ");
    await home.mustRun("pip", "download", "--index-url", `${urlOf("pypi")}simple/`, ...options, "larder-fixture-sdist");
    const folder = join(home.project, "downloads");
    const [name = ""] = await readdir(folder);
    const sha256 = createHash("sha256")
      .update(await readFile(join(folder, name)))
      .digest("hex");
    const [file] = fixture.site.projects.get("larder-fixture-sdist")?.files ?? [];
    expect({ name, sha256 }).toEqual({ name: file?.filename, sha256: file?.sha256 });
  });

  test("pip index versions", async () => {
    const home = await newPythonHome();
    const shown = await home.mustRun(
      "pip",
      "index",
      "versions",
      "--index-url",
      `${urlOf("pypi")}simple/`,
      "Foo_bar.baz",
    );
    expect(shown).toContain("Available versions: 1.1.0, 1.0.0");
  });

  // pip shows the reason of no status that it tries again for: 502 and 503 are such.
  test.each([
    {
      ...PIP,
      lost: "larder-gone",
      behaviour: GONE,
      prints: /404 Client Error: the upstream does not have \S+ for url/,
    },
    {
      ...UV,
      lost: "larder-away",
      behaviour: GONE,
      prints: /Server message: Not Found, the upstream does not have \S+/,
    },
    {
      ...UV,
      lost: "larder-lie",
      behaviour: "wrongBytes",
      prints: /Server message: .*not what the index announces: sha256/,
    },
  ] as const)("$name prints why it does not get $lost", async ({ install, lost, behaviour, prints }) => {
    fixture.site.publish({ name: lost, version: "1.0.0" });
    fixture.files.behaveFor(new RegExp(`${lost.replace("-", "_")}-.*\\.whl$`), behaviour);
    const { code, output } = await install(await newPythonHome(), urlOf("pypi"), lost);
    expect(code).not.toBe(0);
    expect(output).toMatch(prints);
  });
});
