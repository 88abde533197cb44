import { randomUUID } from "node:crypto";
import { AckPolicy, connect, type NatsConnection } from "nats";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { type NatsServer, startNatsServer } from "../../../test/services/nats-server.ts";
import type { Queue, Ring } from "../queue.ts";
import { queueContract } from "../queue-contract.ts";
import { type JetStreamQueueOptions, openJetStreamQueue } from "./jetstream-queue.ts";

const WAIT = { timeout: 15_000, interval: 20 };

let server: NatsServer;
beforeAll(async () => {
  server = await startNatsServer();
});
afterAll(() => server.stop());

let streamName = "";
const open = (options: Partial<JetStreamQueueOptions> = {}) =>
  openJetStreamQueue({ url: server.url, streamName, retryDelayMs: 5, ...options });

queueContract("JetStream queue", (again) => {
  if (!again) streamName = `test-${randomUUID()}`;
  return open();
});

/** Runs `use` with a connection of a stranger to the broker. */
async function asStranger<T>(use: (connection: NatsConnection) => Promise<T>): Promise<T> {
  const connection = await connect({ servers: server.url });
  try {
    return await use(connection);
  } finally {
    await connection.close();
  }
}

const deleteStream = () => asStranger(async (nats) => (await nats.jetstreamManager()).streams.delete(streamName));
const waitingMessages = () =>
  asStranger(async (nats) => (await (await nats.jetstreamManager()).streams.info(streamName)).state.messages);
const publishRaw = (text: string) =>
  asStranger((nats) => nats.jetstream().publish(`larder.ring.${streamName}`, Buffer.from(text)));

describe("JetStream queue on a broker that fails", () => {
  const queues: Queue[] = [];
  const openOne = async (options?: Partial<JetStreamQueueOptions>) => {
    const queue = await open(options);
    queues.push(queue);
    return queue;
  };
  /** A listener that keeps what it heard. */
  const listenTo = async (queue: Queue): Promise<string[]> => {
    const heard: string[] = [];
    await queue.listen(async ({ taskId }) => void heard.push(taskId), 1);
    return heard;
  };
  const ringOf = (taskId: string): Ring => ({ taskId, attempt: 1 });
  const isHealthy = (queue: Queue, healthy: boolean) => vi.waitFor(() => expect(queue.healthy()).toBe(healthy), WAIT);

  afterEach(async () => {
    await server.restart();
    await Promise.all(queues.splice(0).map((queue) => queue.close()));
  });

  beforeEach(() => {
    streamName = `test-${randomUUID()}`;
  });

  test("kill -9 in the middle: rings before it are heard after the restart, rings during it are refused", async () => {
    const [ringer, worker] = [await openOne(), await openOne()];
    await ringer.ring(ringOf("before"));
    await server.kill();
    await isHealthy(ringer, false);
    await expect(ringer.ring(ringOf("during"))).rejects.toMatchObject({ reason: "QUEUE_UNAVAILABLE" });
    const heard = await listenTo(worker);

    await server.restart();
    await isHealthy(ringer, true);
    await ringer.ring(ringOf("during"));
    await vi.waitFor(() => expect(heard.toSorted()).toEqual(["before", "during"]), WAIT);
    expect(await waitingMessages()).toBe(0);
  });

  test("a handler that runs while the server is killed is acknowledged after the restart", async () => {
    const queue = await openOne();
    const gate = Promise.withResolvers<void>();
    let begun = 0;
    await queue.listen(async () => {
      begun++;
      await gate.promise;
    }, 1);
    await queue.ring(ringOf("a"));
    await vi.waitFor(() => expect(begun).toBe(1), WAIT);
    await server.kill();
    await server.restart();
    await isHealthy(queue, true);
    gate.resolve();
    await vi.waitFor(async () => expect(await waitingMessages()).toBe(0), WAIT);
    expect(begun).toBe(1);
  });

  test("a server that is down at the start is waited for in the background", async () => {
    await server.kill();
    const queue = await openOne();
    expect(queue.healthy()).toBe(false);
    await expect(queue.ring(ringOf("early"))).rejects.toMatchObject({ reason: "QUEUE_UNAVAILABLE" });
    const heard = await listenTo(queue);

    await server.restart();
    await isHealthy(queue, true);
    await queue.ring(ringOf("late"));
    await vi.waitFor(() => expect(heard).toEqual(["late"]), WAIT);
  });

  test("a stream deleted under a listener is made again, and the listener hears again", async () => {
    const [ringer, worker] = [await openOne(), await openOne()];
    const heard = await listenTo(worker);
    await ringer.ring(ringOf("a"));
    await vi.waitFor(() => expect(heard).toEqual(["a"]), WAIT);
    await deleteStream();
    // The same ring again: the wiped stream has forgotten it.
    await ringer.ring(ringOf("a"));
    await ringer.ring(ringOf("b"));
    await vi.waitFor(() => expect(heard.toSorted()).toEqual(["a", "a", "b"]), WAIT);
  });

  test("a consumer deleted under a listener is made again", async () => {
    const queue = await openOne();
    const heard = await listenTo(queue);
    await queue.ring(ringOf("a"));
    await vi.waitFor(() => expect(heard).toEqual(["a"]), WAIT);
    await asStranger(async (nats) => (await nats.jetstreamManager()).consumers.delete(streamName, "workers"));
    await queue.ring(ringOf("b"));
    await vi.waitFor(() => expect(heard).toEqual(["a", "b"]), WAIT);
  });

  test("a consumer that has become deaf is made again", async () => {
    const queue = await openOne({ pullMs: 1_000 });
    await asStranger(async (nats) => {
      const { streams, consumers } = await nats.jetstreamManager();
      const elsewhere = `larder.elsewhere.${streamName}`;
      await consumers.delete(streamName, "workers");
      await streams.update(streamName, { subjects: [`larder.ring.${streamName}`, elsewhere] });
      await consumers.add(streamName, {
        durable_name: "workers",
        ack_policy: AckPolicy.Explicit,
        filter_subject: elsewhere,
      });
    });
    const heard = await listenTo(queue);
    await queue.ring(ringOf("a"));
    await vi.waitFor(() => expect(heard).toEqual(["a"]), WAIT);
  });

  test("several processes that start at once make one stream", async () => {
    const started = await Promise.all(Array.from({ length: 5 }, () => openOne()));
    expect(started.map((queue) => queue.healthy())).toEqual([true, true, true, true, true]);
    const heard = await Promise.all(started.map(listenTo));
    await started[0]?.ring(ringOf("a"));
    await vi.waitFor(() => expect(heard.flat()).toEqual(["a"]), WAIT);
  });

  test("a stream with another configuration stays as it is and is used", async () => {
    await openOne({ ackWaitMs: 60_000 });
    const queue = await openOne({ ackWaitMs: 5_000 });
    const heard = await listenTo(queue);
    await queue.ring(ringOf("a"));
    await vi.waitFor(() => expect(heard).toEqual(["a"]), WAIT);
  });

  test("a doubled ring is one message", async () => {
    const queue = await openOne();
    for (let time = 0; time < 3; time++) await queue.ring(ringOf("a"));
    expect(await waitingMessages()).toBe(1);
  });

  test("a ring whose worker died goes to another, unless the worker extends it", async () => {
    const [dying, living] = [await openOne({ ackWaitMs: 1_000 }), await openOne({ ackWaitMs: 1_000 })];
    const gate = Promise.withResolvers<void>();
    const heardByDying: string[] = [];
    await dying.listen(async ({ taskId }, extend) => {
      heardByDying.push(taskId);
      const beat = setInterval(() => taskId === "extended" && extend(), 200);
      await gate.promise.finally(() => clearInterval(beat));
    }, 2);
    await dying.ring(ringOf("extended"));
    await dying.ring(ringOf("dead"));
    await vi.waitFor(() => expect(heardByDying.toSorted()).toEqual(["dead", "extended"]), WAIT);

    const heard = await listenTo(living);
    await vi.waitFor(() => expect(heard).toContain("dead"), WAIT);
    expect(heard).not.toContain("extended");
    gate.resolve();
  });

  test.each(["", "rubbish", '{"taskId":7}'])("a message %j that is no ring is thrown away", async (text) => {
    const queue = await openOne();
    const heard = await listenTo(queue);
    await publishRaw(text);
    await queue.ring(ringOf("a"));
    await vi.waitFor(() => expect(heard).toEqual(["a"]), WAIT);
    await vi.waitFor(async () => expect(await waitingMessages()).toBe(0), WAIT);
  });

  test("a URL that is none is refused at once", async () => {
    await expect(openOne({ url: "http://127.0.0.1" })).rejects.toMatchObject({ reason: "ARGUMENT_INVALID" });
  });
});
