import { parentPort, workerData } from "node:worker_threads";
import { isFault, type Reason } from "#internal/fault/fault.ts";
import type { DocumentSource } from "#internal/format/format.ts";
import { formats } from "#internal/format/formats.ts";
import { type Inspection, inspectDocument } from "./inspect-document.ts";

/** What the thread is started with. */
export interface InspectionTask {
  readonly formatId: string;
  readonly source: Omit<DocumentSource, "body"> & { readonly body: Uint8Array };
}

/** A Fault loses its class on the way between threads. */
export type InspectionAnswer =
  | { readonly inspection: Inspection }
  | { readonly fault: { reason: Reason; message: string; facts: Readonly<Record<string, string>> } };

parentPort?.postMessage(answer(workerData));

function answer({ formatId, source }: InspectionTask): InspectionAnswer {
  const format = formats.get(formatId);
  if (!format) throw new Error(`there is no format ${formatId}`);
  const { buffer, byteOffset, byteLength } = source.body;
  try {
    return { inspection: inspectDocument(format, { ...source, body: Buffer.from(buffer, byteOffset, byteLength) }) };
  } catch (error) {
    if (!isFault(error)) throw error;
    const { reason, message, facts } = error;
    return { fault: { reason, message, facts } };
  }
}
