import { Worker } from "node:worker_threads";
import { Fault } from "#internal/fault/fault.ts";
import type { DocumentSource, Format } from "#internal/format/format.ts";
import { type Inspection, inspectDocument } from "./inspect-document.ts";
import type { InspectionAnswer, InspectionTask } from "./inspect-worker.ts";

/** A few milliseconds of parsing; less than what starting a thread costs. */
const INLINE_BYTES = 256 * 1024;
const WORKER_HEAP_MB = 1_024;

/**
 * Inspects small documents here and large ones in a thread of their own, which ends with `signal`: no document stops the event loop.
 * @throws what `inspectDocument` throws; LIMIT_EXCEEDED when the document needs too much memory; the signal's reason.
 */
export async function runInspection(format: Format, source: DocumentSource, signal: AbortSignal): Promise<Inspection> {
  if (source.body.length <= INLINE_BYTES) return inspectDocument(format, source);
  const task: InspectionTask = { formatId: format.id, source };
  const { promise, resolve, reject } = Promise.withResolvers<InspectionAnswer>();
  const worker = new Worker(new URL("./inspect-worker.ts", import.meta.url), {
    workerData: task,
    resourceLimits: { maxOldGenerationSizeMb: WORKER_HEAP_MB },
  });
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  worker.once("message", resolve);
  worker.once("error", (error) => reject(isOutOfMemory(error) ? tooLarge(source, error) : error));
  try {
    const answer = await promise;
    if ("inspection" in answer) return answer.inspection;
    throw new Fault(answer.fault.reason, answer.fault.message, { ...answer.fault.facts });
  } finally {
    signal.removeEventListener("abort", stop);
    await worker.terminate();
  }
}

function isOutOfMemory(error: unknown): boolean {
  return (error as { code?: string }).code === "ERR_WORKER_OUT_OF_MEMORY";
}

function tooLarge({ body }: DocumentSource, cause: unknown): Fault {
  return new Fault("LIMIT_EXCEEDED", `a document of ${body.length} bytes needs too much memory`, {}, { cause });
}
