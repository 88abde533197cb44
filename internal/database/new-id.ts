import { randomBytes } from "node:crypto";

const TIME_DIGITS = 9;
const RANDOM_BYTES = 8;

/** A name that nobody else has, 25 characters of [0-9a-z], greater than those made before. */
export function newId(now: Date): string {
  return now.getTime().toString(36).padStart(TIME_DIGITS, "0") + randomBytes(RANDOM_BYTES).toString("hex");
}
