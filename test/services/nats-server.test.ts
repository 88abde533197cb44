import { connect } from "nats";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type NatsServer, natsUrl, startNatsServer } from "./nats-server.ts";

let server: NatsServer;
beforeEach(async () => {
  server = await startNatsServer();
});
afterEach(() => server.stop());

/** Publishes a message to a stream of files; creates the stream when told. */
async function publish(url: string, { create }: { create: boolean }): Promise<number> {
  const connection = await connect({ servers: url });
  if (create) await (await connection.jetstreamManager()).streams.add({ name: "BELL", subjects: ["bell"] });
  const { seq } = await connection.jetstream().publish("bell");
  await connection.close();
  return seq;
}

test.each([
  { how: "kill and restart", again: async () => server.kill().then(() => server.restart()) },
  { how: "restart alone", again: async () => server.restart() },
])("a stream outlives $how, on the same address", async ({ again }) => {
  expect(await publish(server.url, { create: true })).toBe(1);
  await again();
  expect(await publish(server.url, { create: false })).toBe(2);
});

test("a killed server refuses connections", async () => {
  await server.kill();
  await expect(connect({ servers: server.url, reconnect: false })).rejects.toThrow("CONNECTION_REFUSED");
});

test("the run's server has JetStream", async () => {
  const connection = await connect({ servers: natsUrl() });
  const account = await (await connection.jetstreamManager()).getAccountInfo();
  expect(account.limits).toBeDefined();
  await connection.close();
});
