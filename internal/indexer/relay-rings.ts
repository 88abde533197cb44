import type { IndexTaskStore } from "#internal/database/index-task-store.ts";
import type { Queue } from "#internal/queue/queue.ts";

const RINGS_PER_CALL = 100;

/**
 * Hands the doorbells of the outbox to the queue; a row goes when the queue has it.
 * @throws Fault QUEUE_UNAVAILABLE: the rows stay.
 */
export async function relayRings(tasks: IndexTaskStore, queue: Queue): Promise<void> {
  for (;;) {
    const rings = await tasks.pendingRings(RINGS_PER_CALL);
    for (const { id, taskId, attempt } of rings) {
      await queue.ring({ taskId, attempt });
      await tasks.rung([id]);
    }
    if (rings.length < RINGS_PER_CALL) return;
  }
}
