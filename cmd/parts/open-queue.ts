import type { Queue } from "#internal/queue/queue.ts";
import type { Foundation } from "./process-life.ts";

/** The doorbell of the index workers: NATS when it is configured, else within this process. The one that is not used is not loaded. */
export async function openQueue({ configuration, onStop, onHealth }: Foundation): Promise<Queue> {
  const queue = await open(configuration.natsUrl);
  onStop(() => queue.close());
  onHealth("queue", () => queue.healthy());
  return queue;
}

async function open(natsUrl: string | undefined): Promise<Queue> {
  if (natsUrl === undefined) {
    const { createMemoryQueue } = await import("#internal/queue/memory/memory-queue.ts");
    return createMemoryQueue();
  }
  const { openJetStreamQueue } = await import("#internal/queue/jetstream/jetstream-queue.ts");
  return openJetStreamQueue({ url: natsUrl });
}
