import { afterAll, beforeAll, expect, test } from "vitest";
import { createAuthenticate } from "#internal/access/access.ts";
import { createLogger } from "#internal/telemetry/logger.ts";
import { createMetrics } from "#internal/telemetry/metrics.ts";
import { type Clients, createClients } from "./client/clients.ts";
import { createRepoManager } from "./repo-manager.ts";
import { type RpcServer, startRpcServer } from "./server.ts";

const TOKEN = "token";

let server: RpcServer;
let clients: Clients;
beforeAll(async () => {
  const address = { host: "127.0.0.1", port: 0 };
  const services = [createRepoManager({ repositories: {} as never, manager: {} as never })];
  const health = async () => ({ "larder.v1.RepoManager": true });
  const authenticate = createAuthenticate(TOKEN);
  const logger = createLogger({ level: "silent" });
  server = await startRpcServer({ address, services, health, authenticate, logger, metrics: createMetrics() });
  clients = createClients({ url: `http://127.0.0.1:${server.address.port}`, token: TOKEN });
});
afterAll(async () => {
  clients.close();
  await server.close();
});

test("a process that serves one service is well when that is", async () => {
  expect((await clients.health.check({ service: "" })).status).toBe(1);
  await expect(clients.health.check({ service: "larder.v1.MirrorService" })).rejects.toMatchObject({ code: 5 });
});

test("what it does not serve is UNIMPLEMENTED", async () => {
  await expect(clients.mirror.getMirrorStats({})).rejects.toMatchObject({ code: 12 });
});

test("its address is taken: another one does not start", async () => {
  const { address } = server;
  const options = { address, services: [], health: async () => ({}), authenticate: createAuthenticate(TOKEN) };
  const recorder = { logger: createLogger({ level: "silent" }), metrics: createMetrics() };
  await expect(startRpcServer({ ...options, ...recorder })).rejects.toMatchObject({ code: "EADDRINUSE" });
});
