import { parentPort, workerData } from "node:worker_threads";
import { isFault } from "#internal/fault/fault.ts";
import { formats } from "#internal/format/formats.ts";
import { type ListedItem, toListedItems } from "./listed-items.ts";
import type { WorkerInput, WorkerMessage } from "./read-index.ts";

/** A message as large as this is taken in some milliseconds. */
const BATCH_CHARACTERS = 512 * 1024;
const BATCH_ITEMS = 500;

try {
  for (const items of batches(read(workerData))) send({ kind: "items", items });
  send({ kind: "end" });
} catch (error) {
  if (!isFault(error)) throw error;
  send({ kind: "fault", reason: error.reason, message: error.message, facts: { ...error.facts } });
}

function read({ formatId, body, ...index }: WorkerInput): Iterable<ListedItem> {
  const format = formats.get(formatId);
  if (!format?.index) throw new Error(`format ${formatId} has no index`);
  const source = {
    ...index,
    body: Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    ref: format.index.document,
  };
  return toListedItems(format.index.read(source), format);
}

function* batches(items: Iterable<ListedItem>): Iterable<ListedItem[]> {
  let batch: ListedItem[] = [];
  let characters = 0;
  for (const item of items) {
    batch.push(item);
    if (item.kind === "package") for (const { metadata } of item.package.versions) characters += metadata.length;
    if (characters < BATCH_CHARACTERS && batch.length < BATCH_ITEMS) continue;
    yield batch;
    batch = [];
    characters = 0;
  }
  yield batch;
}

function send(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}
