import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { callService, type RunningLarder, repositoryUrl } from "../clients/larder.ts";
import { EVERY_SHAPE } from "../clients/shapes.ts";
import { type Fixtures, startFixtures } from "../fixtures/start-fixtures.ts";
import { runCommand } from "../services/command.ts";
import { describeWithTools } from "../services/describe-with-tools.ts";
import { requireTool } from "../services/tools.ts";

const SERVICES = ["RepoManager", "RepoIndexer", "MirrorService"] as const;

describe.each(EVERY_SHAPE)("an administrator with grpcurl, Larder in $shape", ({ start }) => {
  describeWithTools(["grpcurl"], "", () => {
    let fixtures: Fixtures;
    let larder: RunningLarder;

    beforeAll(async () => {
      fixtures = await startFixtures();
      larder = await start({ repositories: [] });
    });
    afterAll(async () => {
      await larder.stop();
      await fixtures.stop();
    });

    const run = (service: (typeof SERVICES)[number], args: string[], request?: object) => {
      const address = larder.services[service].replace("http://", "");
      const data = request === undefined ? [] : ["-d", JSON.stringify(request)];
      const authorization = ["-H", `authorization: Bearer ${larder.token}`];
      return runCommand(requireTool("grpcurl"), ["-plaintext", ...authorization, ...data, address, ...args]);
    };
    const call = async (service: (typeof SERVICES)[number], method: string, request: object) => {
      const { code, stdout, output } = await run(service, [`larder.v1.${service}/${method}`], request);
      return { code, output, answer: code === 0 ? JSON.parse(stdout || "{}") : undefined };
    };

    test.each(SERVICES)("list and describe %s", async (service) => {
      expect((await run(service, ["list"])).stdout.split("\n")).toEqual(
        expect.arrayContaining([`larder.v1.${service}`, "grpc.health.v1.Health"]),
      );
      const { stdout } = await run(service, ["describe", `larder.v1.${service}`]);
      expect(stdout).toContain(`service ${service}`);
    });

    test.each(SERVICES)("the process of %s is healthy", async (service) => {
      const { stdout } = await run(service, ["grpc.health.v1.Health/Check"], { service: `larder.v1.${service}` });
      expect(JSON.parse(stdout)).toEqual({ status: "SERVING" });
    });

    test("creates, indexes, reads, serves and deletes a Helm repository", async () => {
      const created = await call("RepoManager", "CreateRepository", {
        repositoryId: "charts",
        repository: {
          format: "helm",
          upstreamUrl: `${fixtures.helm.upstream.url}/index.yaml`,
          visibility: "VISIBILITY_PUBLIC",
        },
      });
      expect(created.answer).toMatchObject({
        name: "repositories/charts",
        upstreamUrl: `${fixtures.helm.upstream.url}/`,
        state: "REPOSITORY_STATE_ACTIVE",
      });

      const task = await call("RepoIndexer", "IndexRepository", { name: "repositories/charts" });
      const { stdout } = await run("RepoIndexer", ["larder.v1.RepoIndexer/WatchIndexTask"], { name: task.answer.name });
      expect(stdout).toContain("INDEX_TASK_STATE_");
      const ended = await call("RepoIndexer", "GetIndexTask", { name: task.answer.name });
      expect(ended.answer.state).toMatch(/_(SUCCEEDED|PARTIAL)$/);
      const { packages } = (await call("RepoIndexer", "ListPackages", { parent: "repositories/charts" })).answer;
      const { versions } = (await call("RepoIndexer", "ListVersions", { parent: packages[0].name })).answer;
      expect(versions.length).toBe(packages[0].versionCount);

      await expect
        .poll(async () => (await fetch(`${repositoryUrl(larder, "charts")}index.yaml`)).status, { timeout: 10_000 })
        .toBe(200);
      const events = (await call("RepoManager", "ListRepositoryEvents", { parent: "repositories/charts" })).answer
        .events;
      expect(events.map(({ type }: { type: string }) => type)).toEqual(expect.arrayContaining(["CREATED", "INDEXED"]));

      expect((await call("RepoManager", "DeleteRepository", { name: "repositories/charts" })).code).toBe(0);
      await expect
        .poll(async () => (await fetch(`${repositoryUrl(larder, "charts")}index.yaml`)).status, { timeout: 10_000 })
        .toBe(404);
    });

    test("a failure has its canonical code and the reason as ErrorInfo", async () => {
      const { code, output } = await call("RepoManager", "GetRepository", { name: "repositories/nothing" });
      expect(code).not.toBe(0);
      expect(output).toContain("Code: NotFound");
      expect(output).toContain('"domain": "larder"');
      expect(output).toContain('"reason": "REPOSITORY_NOT_FOUND"');
    });

    test("a credential goes to the upstream and nowhere else", async () => {
      const secret = "canary-4f1c77a2";
      await callService(larder, "RepoManager", "CreateRepository", {
        repositoryId: "closed",
        repository: { format: "raw", upstreamUrl: fixtures.raw.upstream.url, visibility: "VISIBILITY_PUBLIC" },
      });
      const set = await call("RepoManager", "SetRepositoryCredential", {
        name: "repositories/closed",
        credential: { basic: { username: "ci", password: secret } },
      });
      expect(set.answer.hasCredential).toBe(true);
      const sent = `Basic ${Buffer.from(`ci:${secret}`).toString("base64")}`;
      await expect
        .poll(
          async () => {
            const answer = await fetch(`${repositoryUrl(larder, "closed")}files/1k.bin?${Math.random()}`);
            await answer.arrayBuffer();
            await callService(larder, "MirrorService", "PurgeEntries", { parent: "repositories/closed", all: true });
            return fixtures.raw.upstream.requests.some(({ headers }) => headers.authorization === sent);
          },
          { timeout: 10_000 },
        )
        .toBe(true);

      const told = [
        await call("RepoManager", "GetRepository", { name: "repositories/closed" }),
        await call("RepoManager", "ListRepositoryEvents", { parent: "repositories/closed" }),
        await larder.log(),
      ];
      expect(JSON.stringify(told)).not.toContain(secret);
      expect(JSON.stringify(told)).not.toContain(sent);
    });

    test("OFFLINE sends nothing out and says so; ONLINE takes it back", async () => {
      await callService(larder, "RepoManager", "CreateRepository", {
        repositoryId: "switched",
        repository: { format: "npm", upstreamUrl: fixtures.npm.upstream.url, visibility: "VISIBILITY_PUBLIC" },
      });
      const ask = async (name: string) => {
        const answer = await fetch(`${repositoryUrl(larder, "switched")}${name}`);
        return { status: answer.status, statusText: answer.statusText, cache: answer.headers.get("x-cache") };
      };
      await expect.poll(async () => (await ask("larder-left")).status, { timeout: 10_000 }).toBe(200);
      await call("MirrorService", "SetUpstreamMode", {
        name: "repositories/switched",
        upstreamMode: "UPSTREAM_MODE_OFFLINE",
      });
      const before = fixtures.npm.upstream.requestCount();
      await expect.poll(async () => (await ask("larder-peer")).status, { timeout: 10_000 }).toBe(504);
      expect((await ask("larder-peer")).statusText).toContain("offline");
      expect((await ask("larder-left")).cache).toBe("HIT");
      expect(fixtures.npm.upstream.requestCount()).toBe(before);
      await call("MirrorService", "SetUpstreamMode", { name: "repositories/-", upstreamMode: "UPSTREAM_MODE_ONLINE" });
      await expect.poll(async () => (await ask("larder-peer")).status, { timeout: 10_000 }).toBe(200);
    });

    test("counts what it did", async () => {
      const { answer } = await call("MirrorService", "GetMirrorStats", {});
      expect(Number(answer.entries)).toBeGreaterThan(0);
      expect(answer.verdicts).toHaveProperty("MISS");
    });
  });
});
