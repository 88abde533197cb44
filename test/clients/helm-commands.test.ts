import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HelmSite } from "../fixtures/helm-site.ts";
import { startHelmFixture, type TwoHostFixture } from "../fixtures/start-fixtures.ts";
import { describeWithTools } from "../services/describe-with-tools.ts";
import { type ClientHome, createClientHome, succeeded } from "./client-home.ts";
import { type RunningLarder, repositoryUrl } from "./larder.ts";
import { startLarder } from "./larder-process.ts";
import { snippetOf } from "./snippet.ts";

describeWithTools(["helm"], "helm's commands", () => {
  let fixture: TwoHostFixture<HelmSite>;
  let larder: RunningLarder;

  beforeAll(async () => {
    fixture = await startHelmFixture();
    const upstream = { format: "helm", upstreamUrl: `${fixture.upstream.url}/`, fileOrigins: [fixture.files.url] };
    const ids = ["charts", "brief"];
    larder = await startLarder({
      repositories: ids.map((id) => ({ id, ...upstream, metadataTtl: id === "brief" ? "1ms" : "1h" })),
    });
  });
  afterAll(async () => {
    await larder?.stop();
    await fixture?.stop();
  });

  async function added(id: string): Promise<ClientHome> {
    const home = await createClientHome(["helm"]);
    succeeded(await home.paste(snippetOf("helm", "helm", repositoryUrl(larder, id))));
    return home;
  }

  test("helm search repo lists the newest stable versions", async () => {
    const found = JSON.parse(await (await added("charts")).mustRun("helm", "search", "repo", "--output", "json"));
    expect((found as { name: string; version: string }[]).map(({ name, version }) => `${name} ${version}`)).toEqual([
      "charts/larder-broken 1.0.0",
      "charts/larder-elsewhere 1.0.1",
      "charts/larder-library 0.1.0",
      "charts/larder-old 0.9.0",
      "charts/larder-plus 1.0.0+build.1",
      "charts/larder-web 1.10.0",
    ]);
  });

  test.each([
    { chart: "larder-web", version: "1.0.0", why: "beside the index" },
    { chart: "larder-elsewhere", version: "1.0.0", why: "on another host" },
    { chart: "larder-elsewhere", version: "1.0.1", why: "in both places" },
    { chart: "larder-plus", version: "1.0.0+build.1", why: "with a plus in its version" },
  ])("helm pull of a chart $why brings the upstream's bytes", async ({ chart, version }) => {
    const home = await added("charts");
    await home.mustRun("helm", "pull", `charts/${chart}`, "--version", version);
    const archive = await readFile(join(home.project, `${chart}-${version}.tgz`));
    const entry = fixture.site.entries.find((each) => each.fileName === `${chart}-${version}.tgz`);
    expect(createHash("sha256").update(archive).digest("hex")).toBe(entry?.digest);
  });

  test("helm pull --prov brings the provenance file", async () => {
    const home = await added("charts");
    await home.mustRun("helm", "pull", "charts/larder-web", "--version", "1.0.0", "--prov");
    expect(await home.read("larder-web-1.0.0.tgz.prov")).toContain("BEGIN PGP SIGNED MESSAGE");
  });

  test("helm show and helm template read a chart from the repository", async () => {
    const home = await added("charts");
    const shown = await home.mustRun("helm", "show", "chart", "charts/larder-web", "--version", "1.1.0");
    expect(shown).toContain("appVersion: 2.4.2");
    const manifests = await home.mustRun("helm", "template", "release", "charts/larder-web", "--set", "replicas=3");
    expect(manifests).toMatch(/helm\.sh\/chart: "larder-web-1\.10\.0"(?:.|\n)*replicas: "3"/);
  });

  test("helm repo update brings what was published upstream", async () => {
    const home = await added("brief");
    fixture.site.add({ name: "larder-web", version: "1.11.0" });
    await home.mustRun("helm", "repo", "update");
    await home.mustRun("helm", "pull", "brief/larder-web");
    expect(await home.mustRun("helm", "show", "chart", "./larder-web-1.11.0.tgz")).toContain("version: 1.11.0");
  });
});
