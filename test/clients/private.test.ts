import { afterAll, beforeAll, expect, test } from "vitest";
import type { CommandResult } from "../services/command.ts";
import { describeWithTools } from "../services/describe-with-tools.ts";
import { type ClientHome, succeeded } from "./client-home.ts";
import { helm, nameOf } from "./helm-client.ts";
import { type RunningLarder, repositoryUrl } from "./larder.ts";
import { startLarder } from "./larder-process.ts";
import { NPM_CLIENTS } from "./npm-clients.ts";
import { type ClientUpstream, forgetRequests, type PackageClient, requestsOf } from "./package-client.ts";
import { pip, uv } from "./python-clients.ts";

interface Signing {
  readonly client: PackageClient;
  /** Installs with the token, kept where this client keeps it. */
  install(home: ClientHome, url: string, token: string): Promise<CommandResult>;
}

const SIGNINGS: readonly Signing[] = [
  ...NPM_CLIENTS.map((client) => ({
    client,
    async install(home: ClientHome, url: string, token: string) {
      if (client.name === "yarn 4") await home.write(".yarnrc.yml", `npmAlwaysAuth: true\nnpmAuthToken: ${token}\n`);
      else await home.write(".npmrc", `${url.replace("http:", "")}:_authToken=${token}\nalways-auth=true\n`);
      return client.install(home, url);
    },
  })),
  ...[pip, uv].map((client) => ({
    client,
    install: (home: ClientHome, url: string, token: string) =>
      client.install(home, url.replace("http://", `http://token:${token}@`)),
  })),
  {
    client: helm,
    async install(home, url, token) {
      await home.mustRun("helm", "repo", "add", nameOf(url), url, "--username", "token", "--password", token);
      return home.run("helm", "dependency", "update");
    },
  },
];

for (const { client, install } of SIGNINGS) {
  describeWithTools(client.tools, `${client.name} and a private repository`, () => {
    let upstream: ClientUpstream;
    let larder: RunningLarder;
    let url: string;

    beforeAll(async () => {
      upstream = await client.startUpstream();
      larder = await startLarder({ repositories: [{ id: "private", ...upstream.settings, visibility: "PRIVATE" }] });
      url = repositoryUrl(larder, "private");
      forgetRequests(upstream);
    });
    afterAll(async () => {
      await larder?.stop();
      await upstream?.stop();
    });

    test("anonymous: nothing is installed, and nothing asked", async () => {
      const { code, output } = await client.install(await client.newHome(url), url);
      expect(code, output).not.toBe(0);
      expect(requestsOf(upstream)).toEqual([]);
    });

    test("with a token it installs, and the token stays here", async () => {
      const home = await client.newHome(url);
      succeeded(await install(home, url, larder.token));
      expect(await client.installed(home)).toEqual(client.tree);
      const sent = upstream.servers.flatMap(({ requests }) => requests.flatMap(({ rawHeaders }) => rawHeaders));
      expect(sent.filter((text) => /^authorization$|^cookie$/i.test(text) || text.includes(larder.token))).toEqual([]);
    });
  });
}
