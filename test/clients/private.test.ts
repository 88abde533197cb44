import { afterAll, beforeAll, expect, test } from "vitest";
import type { CommandResult } from "../services/command.ts";
import { describeWithTools } from "../services/describe-with-tools.ts";
import { findTool } from "../services/tools.ts";
import { type ClientHome, succeeded } from "./client-home.ts";
import { helm, nameOf } from "./helm-client.ts";
import { type RunningLarder, repositoryUrl } from "./larder.ts";
import { startLarder } from "./larder-process.ts";
import { NPM_CLIENTS, npm } from "./npm-clients.ts";
import { type ClientUpstream, type PackageClient, requestsOf } from "./package-client.ts";
import { pip, uv } from "./python-clients.ts";

interface Signing {
  readonly client: PackageClient;
  /** Also the repository's id. */
  readonly format: string;
  /** Installs with the token, kept where this client keeps it. */
  install(home: ClientHome, url: string, token: string): Promise<CommandResult>;
}

const SIGNINGS: readonly Signing[] = [
  ...NPM_CLIENTS.map((client) => ({
    ...{ client, format: "npm" },
    async install(home: ClientHome, url: string, token: string) {
      if (client.name === "yarn 4") await home.write(".yarnrc.yml", `npmAlwaysAuth: true\nnpmAuthToken: ${token}\n`);
      else await home.write(".npmrc", `${url.replace("http:", "")}:_authToken=${token}\nalways-auth=true\n`);
      return client.install(home, url);
    },
  })),
  ...[pip, uv].map((client) => ({
    ...{ client, format: "pypi" },
    install: (home: ClientHome, url: string, token: string) =>
      client.install(home, url.replace("http://", `http://token:${token}@`)),
  })),
  {
    ...{ client: helm, format: "helm" },
    async install(home, url, token) {
      await home.mustRun("helm", "repo", "add", nameOf(url), url, "--username", "token", "--password", token);
      return home.run("helm", "dependency", "update");
    },
  },
];

const upstreams: ClientUpstream[] = [];
let larder: RunningLarder;

beforeAll(async () => {
  const clients = [npm, pip, helm].filter(({ tools }) => tools.every((tool) => findTool(tool)));
  upstreams.push(...(await Promise.all(clients.map((client) => client.startUpstream()))));
  larder = await startLarder({
    repositories: upstreams.map(({ settings }) => ({ id: settings.format, ...settings, visibility: "PRIVATE" })),
  });
});
afterAll(async () => {
  await larder?.stop();
  await Promise.all(upstreams.map((upstream) => upstream.stop()));
});

for (const { client, format, install } of SIGNINGS) {
  describeWithTools(client.tools, `${client.name} and a private repository`, () => {
    test("anonymous: nothing is installed, and nothing asked", async () => {
      const asked = upstreams.flatMap(requestsOf);
      const url = repositoryUrl(larder, format);
      const { code, output } = await client.install(await client.newHome(url), url);
      expect(code, output).not.toBe(0);
      expect(upstreams.flatMap(requestsOf)).toEqual(asked);
    });

    test("with a token it installs, and the token stays here", async () => {
      const url = repositoryUrl(larder, format);
      const home = await client.newHome(url);
      succeeded(await install(home, url, larder.token));
      expect(await client.installed(home)).toEqual(client.tree);
      const sent = upstreams.flatMap(({ servers }) => servers).flatMap(({ requests }) => requests);
      const words = sent.flatMap(({ path, rawHeaders }) => [path, ...rawHeaders]);
      expect(words.filter((word) => /^authorization$|^cookie$/i.test(word) || word.includes(larder.token))).toEqual([]);
    });
  });
}
