import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { describeWithTools } from "../services/describe-with-tools.ts";
import { succeeded } from "./client-home.ts";
import { helm } from "./helm-client.ts";
import { callService, type LarderOptions, type RunningLarder, repositoryUrl } from "./larder.ts";
import { startLarder } from "./larder-process.ts";
import { npm } from "./npm-clients.ts";
import { behaveEverywhere, type ClientUpstream, forgetRequests, requestsOf } from "./package-client.ts";
import { uv } from "./python-clients.ts";
import { EVERY_SHAPE, ONE_PROCESS } from "./shapes.ts";

/** What clients notice of what operators do. */
for (const client of [npm, uv, helm]) {
  describeWithTools(client.tools, `${client.name}, while Larder is operated`, () => {
    let upstream: ClientUpstream;
    let options: LarderOptions;
    let larder: RunningLarder;
    const installs = async (url: string) => {
      const home = await client.newHome(url);
      succeeded(await client.install(home, url));
      expect(await client.installed(home)).toEqual(client.tree);
    };

    beforeAll(async () => {
      upstream = await client.startUpstream();
      options = { repositories: [{ id: "packages", ...upstream.settings, metadataTtl: "1ms" }] };
    });
    afterEach(() => larder?.stop());
    afterAll(() => upstream?.stop());

    // Four processes take their time to start; helm, the quickest client, stands for the others.
    test.each(client === helm ? EVERY_SHAPE : [ONE_PROCESS])(
      "a repository that is taken offline serves what it has and asks nothing, in $shape",
      async ({ start }) => {
        larder = await start(options);
        const url = repositoryUrl(larder, "packages");
        await installs(url);
        const offline = { name: "repositories/packages", upstreamMode: "UPSTREAM_MODE_OFFLINE" };
        await callService(larder, "MirrorService", "SetUpstreamMode", offline);
        forgetRequests(upstream);
        await installs(url);
        expect(requestsOf(upstream)).toEqual([]);
      },
    );

    test("after kill -9 and a new start on another port it has all that it had, without the upstream", async () => {
      larder = await startLarder(options);
      await installs(repositoryUrl(larder, "packages"));
      await larder.kill();
      await behaveEverywhere(upstream, "stopped");
      larder = await startLarder({ ...options, after: larder });
      await installs(repositoryUrl(larder, "packages"));
    });
  });
}
