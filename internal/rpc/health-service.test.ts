import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { HealthCheckResponse_ServingStatus as Status } from "#gen/grpc/health/v1/health_pb.ts";
import { createClients } from "./client/clients.ts";
import { startTestProcess, type TestProcess } from "./start-test-process.ts";

let larder: TestProcess;
let anonymous: ReturnType<typeof createClients>;
let well: TestProcess["health"];
beforeAll(async () => {
  larder = await startTestProcess();
  well = larder.health;
  anonymous = createClients({ url: larder.url, token: undefined });
});
beforeEach(() => {
  larder.health = well;
});
afterAll(async () => {
  anonymous.close();
  await larder.close();
});

const check = async (service: string) => (await anonymous.health.check({ service })).status;

test("all is well: nobody needs a token to know", async () => {
  expect(await check("")).toBe(Status.SERVING);
  expect(await check("larder.v1.RepoManager")).toBe(Status.SERVING);
  expect(await check("grpc.health.v1.Health")).toBe(Status.SERVING);
});

test("one service is ill: it and the whole are, the others are not", async () => {
  larder.health = { ...well, "larder.v1.RepoIndexer": false };
  expect(await check("larder.v1.RepoIndexer")).toBe(Status.NOT_SERVING);
  expect(await check("")).toBe(Status.NOT_SERVING);
  expect(await check("larder.v1.MirrorService")).toBe(Status.SERVING);
});

test("who says nothing is not well", async () => {
  larder.health = {};
  expect(await check("larder.v1.RepoManager")).toBe(Status.NOT_SERVING);
});

test("a service that is not served is not found", async () => {
  await expect(check("larder.v1.AccessManager")).rejects.toMatchObject({ code: 5 });
});

test("a watch tells the state now and each change, and ends when the server closes", async () => {
  const watched = await startTestProcess();
  const seen: Status[] = [];
  const ended = (async () => {
    for await (const { status } of watched.clients.health.watch({ service: "" })) {
      seen.push(status);
      if (seen.length === 1) watched.health = {};
      if (seen.length === 2) watched.health = well;
      if (seen.length === 3) void watched.server.close();
    }
  })();
  await ended;
  expect(seen).toEqual([Status.SERVING, Status.NOT_SERVING, Status.SERVING]);
  await watched.close();
});

test("a watch of an unknown service says so and stays", async () => {
  const stream = anonymous.health.watch({ service: "nobody" })[Symbol.asyncIterator]();
  expect((await stream.next()).value?.status).toBe(Status.SERVICE_UNKNOWN);
  await stream.return?.();
});
