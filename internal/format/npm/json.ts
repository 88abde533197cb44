import { Fault } from "#internal/fault/fault.ts";
import type { DocumentSource } from "../format.ts";

/** Parsed JSON. Its keys come from outside ("__proto__", "constructor"): look them up with `own` only. */
export type JsonObject = Record<string, unknown>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `object[key]`, unless it is inherited. */
export function own(object: unknown, key: string): unknown {
  return isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined;
}

/** @throws Fault UPSTREAM_INVALID when the body is no JSON object. */
export function readObject(source: DocumentSource): JsonObject {
  const value = parsed(source);
  if (!isObject(value)) throw notThat(source, "a JSON object");
  return value;
}

function parsed(source: DocumentSource): unknown {
  try {
    return JSON.parse(source.body.toString().replace(/^\uFEFF/, ""));
  } catch (error) {
    throw notThat(source, "JSON", { cause: error });
  }
}

/** The Fault for an answer that is not what the protocol promises. */
export function notThat({ ref, contentType, body }: DocumentSource, promised: string, options?: ErrorOptions): Fault {
  const got = body.length === 0 ? "an empty body" : `${body.length} bytes of ${contentType || "unnamed content"}`;
  return new Fault(
    "UPSTREAM_INVALID",
    `the upstream's answer for "${ref.key}" is not ${promised}: it sent ${got}`,
    { key: ref.key },
    options,
  );
}

/** @throws Fault LIMIT_EXCEEDED when `value` is nested deeper, or becomes longer, than the engine can write. */
export function writeJson(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Fault(
      "LIMIT_EXCEEDED",
      "the upstream's document is nested too deep or is too long",
      {},
      { cause: error },
    );
  }
}
