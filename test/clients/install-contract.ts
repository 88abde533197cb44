import { afterAll, beforeAll, expect, test } from "vitest";
import { describeWithTools } from "../services/describe-with-tools.ts";
import { type ClientHome, succeeded } from "./client-home.ts";
import { errorsOf, type RunningLarder, repositoryUrl } from "./larder.ts";
import {
  behaveEverywhere,
  type ClientUpstream,
  forgetRequests,
  type PackageClient,
  requestsOf,
} from "./package-client.ts";
import type { Shape } from "./shapes.ts";

/** What everybody notices first: a tree installs, and installs again without the upstream. */
export function installContract(client: PackageClient, { shape, start }: Shape): void {
  describeWithTools(client.tools, `${client.name}, Larder in ${shape}`, () => {
    const { install, installed, lock, tree } = client;
    let upstream: ClientUpstream;
    let larder: RunningLarder;
    let url: string;
    let first: ClientHome;
    const removals: (() => Promise<void>)[] = [];

    beforeAll(async () => {
      upstream = await client.startUpstream();
      larder = await start({ repositories: [{ id: "packages", ...upstream.settings }] });
      url = repositoryUrl(larder, "packages");
      first = await client.newHome(url, (remove) => removals.push(remove));
      forgetRequests(upstream);
      succeeded(await install(first, url));
      await lock.write?.(first, url);
    });
    afterAll(async () => {
      await larder?.stop();
      await upstream?.stop();
      await Promise.all(removals.map((remove) => remove()));
    });

    test("installs a tree that the cache does not have", async () => {
      expect(await installed(first)).toEqual(tree);
      expect(requestsOf(upstream).length).toBeGreaterThan(0);
    });

    test("its lock file holds the packages to their digests, and names no place but Larder", async () => {
      const text = await first.read(lock.file);
      expect(text.match(lock.integrity)?.length).toBeGreaterThanOrEqual(lock.count);
      const places = text.match(/\bhttps?:\/\/[^\s"'#>]+/g) ?? [];
      expect(places.filter((place) => !place.startsWith(url))).toEqual([]);
    });

    test("installs it with an empty client cache and no request to the upstream", async () => {
      forgetRequests(upstream);
      const home = await client.newHome(url);
      succeeded(await install(home, url));
      expect(await installed(home)).toEqual(tree);
      expect(requestsOf(upstream)).toEqual([]);
    });

    test("installs it while the upstream is stopped", async () => {
      await behaveEverywhere(upstream, "stopped");
      const home = await client.newHome(url);
      succeeded(await install(home, url));
      expect(await installed(home)).toEqual(tree);
    });

    test("installs from its lock file while the upstream is stopped", async () => {
      await behaveEverywhere(upstream, "stopped");
      const home = await client.newHome(url);
      await home.write(lock.file, await first.read(lock.file));
      succeeded(await lock.install(home, url));
      expect(await installed(home)).toEqual(tree);
      expect(await home.read(lock.file)).toBe(await first.read(lock.file));
    });

    test("has met with no bug of Larder", async () => {
      expect(await errorsOf(larder)).toEqual([]);
    });
  });
}
