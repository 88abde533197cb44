import { Fault } from "#internal/fault/fault.ts";

/** Turns a failed system call into what callers handle; a Fault stays what it is. facts: `code` (ENOSPC, EROFS …) and `operation`. */
export function storageFault(error: unknown, operation: string): Fault {
  if (error instanceof Fault) return error;
  const code = codeOf(error) ?? "UNKNOWN";
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
