import { startHelmFixture } from "../fixtures/start-fixtures.ts";
import type { CommandResult } from "../services/command.ts";
import { type ClientHome, createClientHome } from "./client-home.ts";
import type { ClientUpstream, PackageClient } from "./package-client.ts";
import { snippetOf } from "./snippet.ts";

/** helm, whose project is a chart with dependencies. */
export const helm: PackageClient = {
  ...{ name: "helm", tools: ["helm"], startUpstream: startHelmUpstream },
  async newHome(url, whenDone) {
    const home = await createClientHome(["helm"], {}, whenDone);
    await home.write("Chart.yaml", {
      ...{ apiVersion: "v2", name: "project", version: "1.0.0" },
      dependencies: [
        { name: "larder-web", version: "^1.0.0", repository: `@${nameOf(url)}` },
        { name: "larder-elsewhere", version: "1.0.0", repository: `@${nameOf(url)}` },
      ],
    });
    return home;
  },
  install: (home, url) => helmAfterAdding(home, url, "dependency update"),
  tree: ["larder-elsewhere-1.0.0", "larder-web-1.10.0", "hello from larder-elsewhere", "hello from larder-web"],
  async installed(home) {
    const manifests = await home.mustRun("helm", "template", "release", ".");
    const matches = [/helm\.sh\/chart: "(.+)"/g, /message: "(.+)"/g].map((pattern) => manifests.matchAll(pattern));
    return matches.flatMap((found) => [...found].map(([, text = ""]) => text).sort());
  },
  add: (home, url, name) => helmAfterAdding(home, url, `pull ${nameOf(url)}/${name} --untar`),
  async versionOf(home, name) {
    const { stdout } = await home.run("helm", "show", "chart", `./${name}`);
    return /^version: (.+)$/m.exec(stdout)?.[1];
  },
  lock: {
    ...{ file: "Chart.lock", integrity: /^digest: sha256:[0-9a-f]{64}$/gm, count: 1 },
    install: (home, url) => helmAfterAdding(home, url, "dependency build"),
  },
  refusal: /50[34] repository dark is offline by an operator's choice/,
};

/** Runs helm with these arguments, after Larder's own snippet for the repository at `url`. */
export function helmAfterAdding(home: ClientHome, url: string, args: string): Promise<CommandResult> {
  return home.paste(`${snippetOf("helm", "helm", url)}\nhelm ${args}`);
}

/** What the snippet calls the repository: its id. */
export function nameOf(url: string): string {
  return new URL(url).pathname.split("/")[1] ?? "";
}

async function startHelmUpstream(): Promise<ClientUpstream> {
  const { site, upstream, files, stop } = await startHelmFixture();
  return {
    settings: { format: "helm", upstreamUrl: `${upstream.url}/`, fileOrigins: [files.url] },
    servers: [upstream, files],
    publish: (name, version) => void site.add({ name, version }),
    behaveForFiles: (name, behaviour) => upstream.behaveFor(`/charts/${name}-`, behaviour),
    stop,
  };
}
