import type { Queue } from "../queue.ts";
import { queueContract } from "../queue-contract.ts";
import { createMemoryQueue } from "./memory-queue.ts";

let last: Queue;
queueContract("memory queue", async (again) => {
  if (!again) last = createMemoryQueue({ retryDelayMs: 5 });
  return last;
});
