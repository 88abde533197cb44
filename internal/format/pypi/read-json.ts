import { Fault } from "#internal/fault/fault.ts";
import type { DocumentSource } from "../format.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

const MAX_DEPTH = 32;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The body as text, without a byte order mark. */
export function textOf({ body }: Pick<DocumentSource, "body">): string {
  return new TextDecoder().decode(body);
}

/** Whether the body wants to be JSON: it is declared so, or begins so (static hosting often declares nothing useful). */
export function isJson(source: DocumentSource): boolean {
  const type = mediaType(source);
  return (
    type.endsWith("/json") || type.endsWith("+json") || /^\s*[{[]/.test(textOf({ body: source.body.subarray(0, 256) }))
  );
}

/** The declared content type, without parameters, in lower case. */
export function mediaType({ contentType }: DocumentSource): string {
  return (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/**
 * The JSON object that the body is.
 * @throws Fault UPSTREAM_INVALID when it is something else; LIMIT_EXCEEDED when it is nested deeper than 32 levels.
 */
export function readJsonObject(source: DocumentSource): JsonObject {
  const value = parsed(source);
  if (!isObject(value)) throw notADocument(source, "it is not a JSON object");
  if (isDeeperThan(value, MAX_DEPTH)) {
    const facts = { document: source.ref.key };
    throw new Fault(
      "LIMIT_EXCEEDED",
      `${source.ref.key}: the upstream's JSON is nested deeper than ${MAX_DEPTH} levels`,
      facts,
    );
  }
  return value;
}

/** UPSTREAM_INVALID for a body that is not the document that was asked for. */
export function notADocument({ ref }: DocumentSource, why: string, cause?: unknown): Fault {
  const options = cause === undefined ? {} : { cause };
  return new Fault(
    "UPSTREAM_INVALID",
    `${ref.key}: the upstream's answer is no such document: ${why}`,
    { document: ref.key },
    options,
  );
}

function parsed(source: DocumentSource): unknown {
  try {
    return JSON.parse(textOf(source));
  } catch (error) {
    throw notADocument(source, "its JSON is broken", error);
  }
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  return Object.values(value).some((inner) => isDeeperThan(inner, levels - 1));
}
