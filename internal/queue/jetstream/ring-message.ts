import type { Ring } from "../queue.ts";

const MAX_TASK_ID_LENGTH = 200;

/** The body of a message: `{"taskId":"…","attempt":1}`. */
export function encodeRing({ taskId, attempt }: Ring): Uint8Array {
  return Buffer.from(JSON.stringify({ taskId, attempt }));
}

/** Undefined: not a ring. Anybody with access to the broker can publish anything. */
export function decodeRing(data: Uint8Array): Ring | undefined {
  const value = parse(data);
  if (typeof value !== "object" || value === null) return undefined;
  const { taskId, attempt } = value as Partial<Record<keyof Ring, unknown>>;
  if (typeof taskId !== "string" || taskId === "" || taskId.length > MAX_TASK_ID_LENGTH) return undefined;
  if (typeof attempt !== "number" || !Number.isSafeInteger(attempt) || attempt < 0) return undefined;
  return { taskId, attempt };
}

function parse(data: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(data).toString("utf8"));
  } catch {
    return undefined;
  }
}
