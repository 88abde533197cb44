import { Fault } from "#internal/fault/fault.ts";

/**
 * Turns a failed system call into what callers handle. facts: `code` (ENOSPC, EROFS …) and `operation`. A Fault stays what it is,
 * and so does an error without a code: that is a bug, or comes from the caller.
 */
export function storageFault(error: unknown, operation: string): unknown {
  const code = codeOf(error);
  if (error instanceof Fault || code === undefined) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new Fault(
    "STORAGE_UNAVAILABLE",
    `The cache cannot ${operation}: ${detail}`,
    { code, operation },
    { cause: error },
  );
}

/** The system's or LMDB's error code, e.g. "ENOSPC"; undefined when it has none. */
export function codeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" || typeof error.code === "number" ? String(error.code) : undefined;
}
