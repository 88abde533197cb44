import { type Duration, durationMs } from "@bufbuild/protobuf/wkt";
import { Fault } from "#internal/fault/fault.ts";

// google.protobuf.Duration: about 10,000 years.
const MAX_SECONDS = 315_576_000_000n;
const MAX_NANOS = 999_999_999;

/**
 * Milliseconds of a duration, undefined when it is absent.
 * @throws Fault ARGUMENT_INVALID when it is negative or not well formed.
 */
export function readDurationMs(duration: Duration | undefined, field: string): number | undefined {
  if (!duration) return undefined;
  const { seconds, nanos } = duration;
  if (seconds < 0n || seconds > MAX_SECONDS || nanos < 0 || nanos > MAX_NANOS) {
    throw new Fault("ARGUMENT_INVALID", `${field} must be a duration of 0 s or more`, { field });
  }
  return durationMs(duration);
}
