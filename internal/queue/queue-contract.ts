import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { Queue, Ring } from "./queue.ts";
import { LAST_DELIVERY } from "./redelivery.ts";

/** Long enough for everything but a hang. */
const WAIT = { timeout: 15_000, interval: 10 };

/**
 * What every queue keeps. `open` gives a queue that is empty, retries after some milliseconds, and may be opened
 * several times in one test for several processes on one broker: `open(again)` joins what `open()` opened before.
 */
export function queueContract(name: string, open: (again?: "again") => Promise<Queue>): void {
  describe(name, () => {
    const queues: Queue[] = [];
    const openOne = async (again?: "again") => {
      const queue = await open(again);
      queues.push(queue);
      return queue;
    };
    afterEach(async () => {
      await Promise.all(queues.splice(0).map((queue) => queue.close()));
    });

    test("a ring wakes a listener, whichever comes first", async () => {
      const queue = await openOne();
      const heard: Ring[] = [];
      await queue.ring({ taskId: "early", attempt: 1 });
      await queue.listen(async (ring) => void heard.push(ring), 1);
      await queue.ring({ taskId: "late", attempt: 7 });
      await vi.waitFor(
        () =>
          expect(heard).toEqual([
            { taskId: "early", attempt: 1 },
            { taskId: "late", attempt: 7 },
          ]),
        WAIT,
      );
    });

    test("a task's next attempt rings, too", async () => {
      const queue = await openOne();
      const heard: number[] = [];
      await queue.listen(async ({ attempt }) => void heard.push(attempt), 1);
      for (const attempt of [1, 1, 2]) await queue.ring({ taskId: "a", attempt });
      await vi.waitFor(() => expect(heard.at(-1)).toBe(2), WAIT);
      expect(new Set(heard)).toEqual(new Set([1, 2]));
    });

    test("a ring whose handler rejects is rung again until it resolves", async () => {
      const queue = await openOne();
      let tries = 0;
      await queue.listen(async () => {
        if (++tries < 3) throw new Error("not yet");
      }, 1);
      await queue.ring({ taskId: "a", attempt: 1 });
      await vi.waitFor(() => expect(tries).toBe(3), WAIT);
    });

    test("a ring that always fails is given up and does not hold up others", async () => {
      const queue = await openOne();
      const heard: string[] = [];
      await queue.listen(async ({ taskId }) => {
        heard.push(taskId);
        if (taskId === "poison") throw new Error("never");
      }, 1);
      await queue.ring({ taskId: "poison", attempt: 1 });
      await queue.ring({ taskId: "good", attempt: 1 });
      const poisoned = () => heard.filter((taskId) => taskId === "poison").length;
      await vi.waitFor(() => expect(poisoned()).toBe(LAST_DELIVERY), WAIT);
      expect(heard).toContain("good");
      await queue.ring({ taskId: "after", attempt: 1 });
      await vi.waitFor(() => expect(heard.at(-1)).toBe("after"), WAIT);
      expect(poisoned()).toBe(LAST_DELIVERY);
    });

    test("no more than `concurrency` handlers run at a time, and so many do", async () => {
      const queue = await openOne();
      const gate = Promise.withResolvers<void>();
      let running = 0;
      let most = 0;
      let ended = 0;
      await queue.listen(async () => {
        most = Math.max(most, ++running);
        await gate.promise;
        running--;
        ended++;
      }, 3);
      for (let task = 0; task < 10; task++) await queue.ring({ taskId: `t${task}`, attempt: 1 });
      await vi.waitFor(() => expect(running).toBe(3), WAIT);
      gate.resolve();
      await vi.waitFor(() => expect(ended).toBe(10), WAIT);
      expect(most).toBe(3);
    });

    test("listeners share the rings: each goes to one, none is lost", async () => {
      const queues = [await openOne(), await openOne("again")];
      const heard: string[][] = [[], []];
      const both = Promise.withResolvers<void>();
      for (const [index, queue] of queues.entries()) {
        await queue.listen(async ({ taskId }) => {
          heard[index]?.push(taskId);
          // Nobody goes on before both have one: a listener that is busy leaves the rest to the other.
          if (heard.every((list) => list.length > 0)) both.resolve();
          await both.promise;
        }, 1);
      }
      const tasks = Array.from({ length: 20 }, (_, index) => `t${index}`);
      for (const taskId of tasks) await queues[0]?.ring({ taskId, attempt: 1 });
      await vi.waitFor(() => expect(heard.flat().toSorted()).toEqual(tasks.toSorted()), WAIT);
    });

    test("stop waits for the running handlers and starts no other", async () => {
      const queue = await openOne();
      const gate = Promise.withResolvers<void>();
      const heard: string[] = [];
      let ended = false;
      const subscription = await queue.listen(async ({ taskId }) => {
        heard.push(taskId);
        await gate.promise;
        ended = true;
      }, 1);
      await queue.ring({ taskId: "running", attempt: 1 });
      await queue.ring({ taskId: "waiting", attempt: 1 });
      await vi.waitFor(() => expect(heard).toEqual(["running"]), WAIT);

      const stopped = subscription.stop().then(() => ended);
      await expect(Promise.race([stopped, pause(50, "still waiting")])).resolves.toBe("still waiting");
      gate.resolve();
      expect(await stopped).toBe(true);
      expect(heard).toEqual(["running"]);

      await queue.listen(async ({ taskId }) => void heard.push(taskId), 1);
      await vi.waitFor(() => expect(heard).toEqual(["running", "waiting"]), WAIT);
    });

    test("a closed queue is not healthy and takes no ring", async () => {
      const queue = await openOne();
      expect(queue.healthy()).toBe(true);
      await queue.close();
      expect(queue.healthy()).toBe(false);
      await expect(queue.ring({ taskId: "a", attempt: 1 })).rejects.toMatchObject({ reason: "QUEUE_UNAVAILABLE" });
    });
  });
}
