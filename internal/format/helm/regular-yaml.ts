import { parseFailsafeYaml } from "./failsafe-yaml.ts";
import { type Cursor, indentBelow, indentOf, isInside, isItem, lineAt, nextIndent } from "./yaml-lines.ts";

/** A key with what stands behind it, as generators of indexes write it. */
const KEY = /^(?:([A-Za-z0-9_][\w./-]*)|"([^"\\]+)"|'([^']+)'):(?: +([^ ].*)| *)$/s;
const QUOTED = /^(?:"[^"\\]*"|'[^']*')$/;
/** Starts a plain scalar, whatever follows. */
const PLAIN_START = /^[A-Za-z0-9_.~/(+^$=<]/;
const NULL = /^(?:~|null|Null|NULL)$/;
const MAX_DEPTH = 50;

/** The text is outside the subset that is read here. */
class IrregularError extends Error {}

/**
 * Reads the block style that index generators emit, about ten times as fast as the YAML library and with the same result as
 * `parseFailsafeYaml`. What it does not know goes to the library: one value, or the whole text.
 * @throws Fault as `parseFailsafeYaml`.
 */
export function parseRegularYaml(text: string): unknown {
  try {
    return readDocument(text);
  } catch (error) {
    if (error instanceof IrregularError) return parseFailsafeYaml(text);
    throw error;
  }
}

function readDocument(text: string): unknown {
  const cursor = { lines: text.replaceAll("\r\n", "\n").split("\n"), at: 0 };
  if (text.includes("\r") && cursor.lines.some((line) => line.includes("\r"))) throw new IrregularError();
  const indent = nextIndent(cursor);
  if (indent < 0) throw new IrregularError();
  const value = readNode(cursor, indent, 0);
  if (nextIndent(cursor) >= 0) throw new IrregularError();
  return value;
}

function readNode(cursor: Cursor, indent: number, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new IrregularError();
  return isItem(cursor, indent) ? readSequence(cursor, indent, depth) : readMapping(cursor, indent, depth);
}

function readMapping(cursor: Cursor, indent: number, depth: number): Record<string, unknown> {
  const mapping: Record<string, unknown> = {};
  for (let found = nextIndent(cursor); found >= indent; found = nextIndent(cursor)) {
    const match = found === indent ? KEY.exec(lineAt(cursor).slice(indent)) : null;
    if (match === null) throw new IrregularError();
    const [, plain, double, single, rest] = match;
    const key = plain ?? double ?? single ?? "";
    if (key === "__proto__" || (plain !== undefined && NULL.test(plain))) throw new IrregularError();
    mapping[key] =
      rest === undefined || rest.startsWith("#") ? readNested(cursor, indent, depth) : readScalar(cursor, indent, rest);
  }
  return mapping;
}

function readSequence(cursor: Cursor, indent: number, depth: number): unknown[] {
  const sequence: unknown[] = [];
  while (nextIndent(cursor) === indent && isItem(cursor, indent)) {
    const line = lineAt(cursor);
    const start = indent + 1 + line.slice(indent + 1).search(/[^ ]/);
    const rest = line.slice(start);
    if (start <= indent || /^[-#]/.test(rest)) throw new IrregularError();
    if (KEY.test(rest)) {
      // The mapping starts on the line of its dash.
      cursor.lines[cursor.at] = " ".repeat(start) + rest;
      sequence.push(readMapping(cursor, start, depth + 1));
    } else {
      sequence.push(readScalar(cursor, indent, rest));
    }
  }
  if (nextIndent(cursor) > indent) throw new IrregularError();
  return sequence;
}

/** What stands below a key that has nothing behind it. */
function readNested(cursor: Cursor, indent: number, depth: number): unknown {
  const keyLine = cursor.at++;
  const found = nextIndent(cursor);
  if (found < indent || (found === indent && !isItem(cursor, indent))) return null;
  if (isItem(cursor, found) || KEY.test(lineAt(cursor).slice(found))) return readNode(cursor, found, depth + 1);
  cursor.at = keyLine;
  return readByLibrary(cursor, indent);
}

/** `text` stands behind a key or dash at `indent`. */
function readScalar(cursor: Cursor, indent: number, text: string): unknown {
  if (/^[&*!]/.test(text)) throw new IrregularError();
  if (text === "|" || text === "|-") {
    const literal = readLiteral(cursor, indent, text === "|" ? "\n" : "");
    if (literal !== undefined) return literal;
  } else if (indentBelow(cursor) <= indent) {
    const value = readLine(text.trimEnd());
    if (value !== undefined) {
      cursor.at++;
      return value;
    }
  } else {
    const folded = readFolded(cursor, indent, text.trimEnd());
    if (folded !== undefined) return folded;
  }
  return readByLibrary(cursor, indent);
}

/** A plain scalar that goes on below: emitters fold at 80 columns. Undefined, and nothing read: the library shall do it. */
function readFolded(cursor: Cursor, indent: number, text: string): string | undefined {
  const parts = [text];
  let at = cursor.at + 1;
  for (; at < cursor.lines.length; at++) {
    const line = cursor.lines[at] ?? "";
    const found = indentOf(line);
    if (found === line.length) return undefined;
    if (found <= indent) break;
    parts.push(line.slice(found).trimEnd());
  }
  if (!parts.every(isPlain)) return undefined;
  cursor.at = at;
  return parts.join(" ");
}

/** A value that ends with its line. Undefined: the library shall read it. */
function readLine(text: string): unknown {
  if (isPlain(text)) return NULL.test(text) ? null : text;
  if (QUOTED.test(text)) return text.slice(1, -1);
  if (!/^["{[]/.test(text)) return undefined;
  try {
    // JSON means the same in YAML, but for the scalars whose spelling would be lost.
    const value: unknown = JSON.parse(text);
    return isText(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isText(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return typeof value === "string";
  return !Object.hasOwn(value, "__proto__") && Object.values(value).every(isText);
}

function isPlain(value: string): boolean {
  return (
    PLAIN_START.test(value) &&
    !value.includes(": ") &&
    !value.includes(" #") &&
    !value.includes("\t") &&
    !value.endsWith(":")
  );
}

/** A literal block scalar without surprises. Undefined, and nothing read: the library shall do it. */
function readLiteral(cursor: Cursor, indent: number, end: string): string | undefined {
  const first = cursor.lines[cursor.at + 1] ?? "";
  const margin = indentOf(first);
  if (margin <= indent || margin === first.length) return undefined;
  const content: string[] = [];
  let at = cursor.at + 1;
  for (; at < cursor.lines.length; at++) {
    const line = cursor.lines[at] ?? "";
    const found = indentOf(line);
    if (found === line.length) {
      if (found > margin) return undefined;
    } else if (found < margin) {
      if (found > indent) return undefined;
      break;
    }
    content.push(line.slice(margin));
  }
  while (content.at(-1) === "") content.pop();
  cursor.at = at;
  return content.join("\n") + end;
}

/** Hands the current line and the deeper ones below it to the library. */
function readByLibrary(cursor: Cursor, indent: number): unknown {
  let end = cursor.at + 1;
  while (end < cursor.lines.length && isInside(cursor.lines[end] ?? "", indent)) end++;
  // With the line feed before the next line, and none that is not in the text: `|+` keeps them.
  const text = cursor.lines.slice(cursor.at, end).join("\n") + (end < cursor.lines.length ? "\n" : "");
  cursor.at = end;
  const node = parseFailsafeYaml(text);
  if (typeof node !== "object" || node === null) throw new IrregularError();
  return Object.values(node)[0];
}
