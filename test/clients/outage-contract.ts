import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { describeWithTools } from "../services/describe-with-tools.ts";
import { succeeded } from "./client-home.ts";
import { errorsOf, type RunningLarder, repositoryUrl } from "./larder.ts";
import {
  behaveEverywhere,
  type ClientUpstream,
  forgetRequests,
  type PackageClient,
  requestsOf,
} from "./package-client.ts";
import type { Shape } from "./shapes.ts";

/** A breaker lets a probe through now and then. The npm clients' tree has about ten documents, so there it tells a breaker from none. */
const FEW = 5;

/** What a client notices of an upstream that moves on, lies, hangs, or may not be asked. */
export function outageContract(client: PackageClient, { shape, start }: Shape): void {
  describeWithTools(
    client.tools,
    `${client.name}, Larder in ${shape}, when the upstream is not as it should be`,
    () => {
      const { add, install, installed, tree, versionOf } = client;
      let upstream: ClientUpstream;
      let larder: RunningLarder;
      const urlOf = (id: string) => repositoryUrl(larder, id);

      beforeAll(async () => {
        upstream = await client.startUpstream();
        larder = await start({
          repositories: [
            { id: "packages", ...upstream.settings },
            { id: "brief", ...upstream.settings, metadataTtl: "1ms" },
            { id: "dark", ...upstream.settings, upstreamMode: "OFFLINE" },
          ],
          environment: { LARDER_UPSTREAM_TIMEOUT: "1s" },
        });
      });
      afterEach(() => behaveEverywhere(upstream, "normal"));
      afterAll(async () => {
        await larder?.stop();
        await upstream?.stop();
      });

      test("gets a version that was published upstream, once the document has expired", async () => {
        const url = urlOf("brief");
        upstream.publish("larder-news", "1.0.0");
        const early = await client.newHome(url);
        succeeded(await add(early, url, "larder-news"));
        upstream.publish("larder-news", "1.1.0");
        const late = await client.newHome(url);
        succeeded(await add(late, url, "larder-news"));
        expect(await versionOf(early, "larder-news")).toBe("1.0.0");
        expect(await versionOf(late, "larder-news")).toBe("1.1.0");
      });

      test("fails and installs nothing when the upstream sends wrong bytes, and recovers with it", async () => {
        const url = urlOf("packages");
        upstream.publish("larder-lie", "1.0.0");
        upstream.behaveForFiles("larder-lie", "wrongBytes");
        const home = await client.newHome(url);
        const { code, output } = await add(home, url, "larder-lie");
        expect(code, output).not.toBe(0);
        expect(await versionOf(home, "larder-lie")).toBeUndefined();

        await behaveEverywhere(upstream, "normal");
        succeeded(await add(home, url, "larder-lie"));
        expect(await versionOf(home, "larder-lie")).toBe("1.0.0");
      });

      const { refusal } = client;
      if (refusal) {
        test("is told why it gets nothing from a repository that is offline", async () => {
          forgetRequests(upstream);
          const url = urlOf("dark");
          const { code, output } = await install(await client.newHome(url), url);
          expect(code).not.toBe(0);
          expect(output).toMatch(refusal);
          expect(requestsOf(upstream)).toEqual([]);
        });
      }

      test("installs while the upstream hangs and every document has expired", async () => {
        const url = urlOf("brief");
        succeeded(await install(await client.newHome(url), url));
        await behaveEverywhere(upstream, "hang");
        forgetRequests(upstream);
        const home = await client.newHome(url);
        succeeded(await install(home, url));
        expect(await installed(home)).toEqual(tree);
        expect(requestsOf(upstream).length).toBeLessThanOrEqual(FEW);
      });

      test("has met with no bug of Larder", async () => {
        expect(await errorsOf(larder)).toEqual([]);
      });
    },
  );
}
