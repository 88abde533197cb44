import { Worker } from "node:worker_threads";
import { Fault, type Reason } from "#internal/fault/fault.ts";
import type { Format, IndexDocument } from "#internal/format/format.ts";
import type { FetchedIndex } from "./fetch-index.ts";
import { collectContents, type IndexContents } from "./index-contents.ts";
import { type ListedItem, toListedItems } from "./listed-items.ts";

export type IndexBody = Omit<Extract<FetchedIndex, { status: 200 }>, "status" | "etag" | "lastModified">;

/** What the worker is given. */
export interface WorkerInput extends Omit<IndexBody, "body"> {
  readonly formatId: string;
  readonly body: Uint8Array;
}

/** What the worker sends, one after the other; `end` or `fault` is the last. */
export type WorkerMessage =
  | { readonly kind: "items"; readonly items: readonly ListedItem[] }
  | {
      readonly kind: "fault";
      readonly reason: Reason;
      readonly message: string;
      readonly facts: Record<string, string>;
    }
  | { readonly kind: "end" };

/** Larger ones would hold up everything else in this process. */
const WORKER_FROM_BYTES = 1024 * 1024;
const WORKER_HEAP_MB = 768;
const WORKER_TIMEOUT_MS = 10 * 60_000;

/**
 * Reads an index; a large one in a thread of its own.
 * @throws Fault UPSTREAM_INVALID when it is none; LIMIT_EXCEEDED when it takes too much memory or time.
 */
export function readIndex(
  format: Format & { readonly index: IndexDocument },
  index: IndexBody,
  wanted: readonly string[],
  signal: AbortSignal,
): Promise<IndexContents> {
  return index.body.length < WORKER_FROM_BYTES
    ? readHere(format, index, wanted)
    : readInWorker(format.id, index, wanted, signal);
}

async function readHere(
  format: Format & { readonly index: IndexDocument },
  index: IndexBody,
  wanted: readonly string[],
): Promise<IndexContents> {
  const collector = collectContents(wanted);
  const items = format.index.read({ ...index, ref: format.index.document });
  for (const item of toListedItems(items, format)) collector.add(item);
  return collector.finish();
}

/** Reads in a worker thread, whatever the size. Its death is a failure of the index, not of this process. */
export async function readInWorker(
  formatId: string,
  { body, ...index }: IndexBody,
  wanted: readonly string[],
  signal: AbortSignal,
  heapMb = WORKER_HEAP_MB,
): Promise<IndexContents> {
  const bytes = new Uint8Array(body);
  const worker = new Worker(new URL("./read-index-worker.ts", import.meta.url), {
    workerData: { ...index, formatId, body: bytes } satisfies WorkerInput,
    transferList: [bytes.buffer],
    resourceLimits: { maxOldGenerationSizeMb: heapMb },
  });
  try {
    return await receive(worker, wanted, AbortSignal.any([signal, AbortSignal.timeout(WORKER_TIMEOUT_MS)]));
  } finally {
    await worker.terminate();
  }
}

function receive(worker: Worker, wanted: readonly string[], signal: AbortSignal): Promise<IndexContents> {
  const collector = collectContents(wanted);
  return new Promise((resolve, reject) => {
    const take = (message: WorkerMessage) => {
      if (message.kind === "end") return resolve(collector.finish());
      if (message.kind === "fault") return reject(new Fault(message.reason, message.message, message.facts));
      for (const item of message.items) collector.add(item);
    };
    worker.on("message", (message: WorkerMessage) => {
      try {
        take(message);
      } catch (error) {
        reject(error);
      }
    });
    worker.once("error", (error) => reject(deathOf(error)));
    worker.once("exit", (code) => reject(tooLarge(`its reader ended with ${code}`)));
    signal.addEventListener("abort", () => reject(abortOf(signal)), { once: true });
    if (signal.aborted) reject(abortOf(signal));
  });
}

function deathOf(error: Error): Error {
  return (error as NodeJS.ErrnoException).code === "ERR_WORKER_OUT_OF_MEMORY"
    ? tooLarge("it does not fit into memory")
    : error;
}

function abortOf(signal: AbortSignal): unknown {
  const { reason } = signal;
  return reason?.name === "TimeoutError"
    ? tooLarge(`reading it took more than ${WORKER_TIMEOUT_MS / 60_000} minutes`)
    : reason;
}

function tooLarge(why: string): Fault {
  return new Fault("LIMIT_EXCEEDED", `the index cannot be read: ${why}`);
}
