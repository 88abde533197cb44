const HIDDEN = "[redacted]";
const SECRET_FIELD =
  /authorization|cookie|password|passwd|secret|credential|api[-_]?key|^token$|[a-z]Token$|[-_]token$/i;
const URL_USER_INFORMATION = /\b([a-z][a-z0-9+.-]*:\/\/)[^\s/?#@"'<>]*@/gi;
const AUTHORIZATION_VALUE = /\b(bearer|basic)\s+[\w.~+/=-]{4,}/gi;
const HEADER_VALUE = /\b((?:proxy-)?authorization|(?:set-)?cookie)(["']?\s*[:=]\s*["']?)[^\r\n"']+/gi;
// C0, DEL, C1, line separators and the characters that turn the writing direction.
// biome-ignore lint/suspicious/noControlCharactersInRegex: finding them is the point.
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const MAX_TEXT_LENGTH = 8_192;
const MAX_DEPTH = 5;
const MAX_ITEMS = 100;
/** Of one call together: what refers to itself has endlessly many. */
const MAX_VALUES = 1_000;

interface Budget {
  valuesLeft: number;
}

/** Text without secrets, and with control characters spelled as \uXXXX so that they stay harmless after JSON is decoded too. */
export function redactText(text: string): string {
  const cut = text.length > MAX_TEXT_LENGTH ? `${text.slice(0, MAX_TEXT_LENGTH)}… (${text.length} characters)` : text;
  return cut
    .replace(URL_USER_INFORMATION, `$1${HIDDEN}@`)
    .replace(HEADER_VALUE, `$1$2${HIDDEN}`)
    .replace(AUTHORIZATION_VALUE, `$1 ${HIDDEN}`)
    .replace(CONTROL, escapeCharacter);
}

/** A plain copy that is safe to write. Values of fields that are named like a secret are hidden. */
export function redactFields(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactObject(fields, 0, { valuesLeft: MAX_VALUES });
}

function redactObject(fields: object, depth: number, budget: Budget): Record<string, unknown> {
  const entries = Object.entries(fields).slice(0, MAX_ITEMS);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      redactText(name),
      SECRET_FIELD.test(name) ? HIDDEN : redactValue(value, depth + 1, budget),
    ]),
  );
}

function redactValue(value: unknown, depth: number, budget: Budget): unknown {
  if (budget.valuesLeft-- <= 0) return "[more]";
  if (typeof value === "string") return redactText(value);
  if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function")
    return redactText(String(value));
  if (typeof value !== "object" || value === null) return value;
  if (depth > MAX_DEPTH) return "[deeper]";
  if (value instanceof Error) return redactError(value, depth, budget);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "invalid date" : value.toISOString();
  if (value instanceof URL) return redactText(value.href);
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redactValue(item, depth + 1, budget));
  return redactObject(value, depth, budget);
}

function redactError(error: Error, depth: number, budget: Budget): Record<string, unknown> {
  const { name, message, stack, cause } = error;
  return {
    name: redactText(name),
    message: redactText(message),
    ...redactObject(error, depth, budget),
    ...(stack === undefined
      ? {}
      : {
          stack: stack
            .split("\n")
            .slice(1)
            .map((line) => redactText(line.trim())),
        }),
    ...(cause === undefined ? {} : { cause: redactValue(cause, depth + 1, budget) }),
  };
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
