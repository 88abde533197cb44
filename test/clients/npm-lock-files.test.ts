import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithTools } from "../services/describe-with-tools.ts";
import { succeeded } from "./client-home.ts";
import { type RunningLarder, repositoryUrl } from "./larder.ts";
import { startLarder } from "./larder-process.ts";
import { NPM_CLIENTS, npm } from "./npm-clients.ts";
import type { ClientUpstream, PackageClient } from "./package-client.ts";

/** Lock files that were written elsewhere: for another registry, another repository, another path of Larder. */
describeWithTools(["npm"], "lock files from elsewhere", () => {
  let upstream: ClientUpstream;
  let larder: RunningLarder;

  beforeAll(async () => {
    upstream = await npm.startUpstream();
    const ids = ["packages", "moved"];
    larder = await startLarder({ repositories: ids.map((id) => ({ id, ...upstream.settings })) });
  });
  afterAll(async () => {
    await larder?.stop();
    await upstream?.stop();
  });

  /** What the first installation left, its lock file as `edit` makes it, on a new machine that uses the repository `id`. */
  async function replay(client: PackageClient, id: string, edit: (lock: string, url: string) => string) {
    const written = repositoryUrl(larder, "packages");
    const first = await client.newHome(written);
    succeeded(await client.install(first, written));
    const url = repositoryUrl(larder, id);
    const home = await client.newHome(url);
    const lock = edit(await first.read(client.lock.file), written);
    await home.write(client.lock.file, lock);
    return { home, lock, install: () => client.lock.install(home, url) };
  }

  test.each(NPM_CLIENTS.filter(({ name }) => ["pnpm", "yarn 4"].includes(name)))(
    "$name's names no place, so it installs from another repository as it is",
    async (client) => {
      const { home, lock, install } = await replay(client, "moved", (text) => text);
      expect(lock.match(/https?:/g)).toBeNull();
      succeeded(await install());
      expect(await client.installed(home)).toEqual(client.tree);
      expect(await home.read(client.lock.file)).toBe(lock);
    },
  );

  test("npm's for another registry installs from Larder where npm is told to replace its host", async () => {
    const other = (lock: string, url: string) => lock.replaceAll(url, "http://registry.example/");
    const { home, lock, install } = await replay(npm, "moved", other);
    expect(lock).toContain("http://registry.example/larder-left/-/larder-left-1.0.0.tgz");
    await home.write(".npmrc", "replace-registry-host=registry.example\n");
    succeeded(await install());
    expect(await npm.installed(home)).toEqual(npm.tree);
  });

  test.each(NPM_CLIENTS.filter(({ name }) => ["npm", "yarn 1", "bun"].includes(name)))(
    "$name's for a repository manager's path installs from the same path of Larder",
    async (client) => {
      const alias = (lock: string, url: string) => lock.replaceAll(url, `${larder.httpUrl}/repository/packages/`);
      const { home, lock, install } = await replay(client, "packages", alias);
      expect(lock).toContain("/repository/packages/larder-left/-/larder-left-1.0.0.tgz");
      succeeded(await install());
      expect(await client.installed(home)).toEqual(client.tree);
    },
  );

  test("npm ci refuses bytes that are not those of the lock file", async () => {
    const changed = (lock: string) => lock.replace(/sha512-[\w+/]{86}==/, `sha512-${"A".repeat(86)}==`);
    const { home, install } = await replay(npm, "packages", changed);
    const { code, output } = await install();
    expect(code).not.toBe(0);
    expect(output).toContain("EINTEGRITY");
    expect(await npm.versionOf(home, "larder-app")).toBeUndefined();
  });
});
