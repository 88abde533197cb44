/** The text of an index, cut where its packages begin. */
export interface IndexBlocks {
  /** Everything at the top but `entries`, as YAML. */
  readonly header: string;
  /** In the document's order; the last of a name that is listed twice. */
  readonly packages: ReadonlyMap<string, BlockRange>;
}

/** Bytes of one package: its key line and all that belongs to it. */
export interface BlockRange {
  readonly start: number;
  readonly end: number;
}

const ENTRIES = /^entries: *(?:#.*)?$/;
const OTHER_ENTRIES = /^["']?entries/;
const TOP_KEY = /^[A-Za-z"']/;
const PACKAGE_KEY = /^(?:([A-Za-z0-9_.][\w./+-]*)|"([^"\\]+)"|'([^']+)'):(?: .*)?$/s;
const NULL = /^(?:null|Null|NULL)$/;
const LINE_FEED = 0x0a;
const SPACE = 0x20;
const MAX_KEY_LINE_BYTES = 4096;

/**
 * Cuts an index in block style at the children of `entries`, without parsing what is between them: a 100 MB index is read package by package.
 *
 * YAML wants every continuation of a node deeper than its key, so a line at the children's indentation starts a child (or is a
 * dash of the child above). Undefined: the document has another shape (flow style, directives, anchors, tabs), parse it as a whole.
 */
export function cutIndex(body: Buffer): IndexBlocks | undefined {
  // An anchor may be used in another block.
  if (body.includes(": &") || body.includes("- &")) return undefined;
  const cut: Cut = {
    body,
    packages: new Map(),
    place: "before",
    start: 0,
    end: body.length,
    indent: 0,
    open: undefined,
  };
  for (const line of significantLines(body)) {
    const isRegular = line.indent === 0 ? cutTop(cut, line) : cut.place !== "inside" || cutChild(cut, line);
    if (!isRegular) return undefined;
  }
  if (cut.place === "before") return undefined;
  close(cut, body.length);
  const header = body.toString("utf8", 0, cut.start) + body.toString("utf8", cut.end);
  return { header: header.replace(/^\ufeff/, ""), packages: cut.packages };
}

/** A cut in progress. */
interface Cut {
  readonly body: Buffer;
  readonly packages: Map<string, BlockRange>;
  /** Before, inside or after `entries`. */
  place: "before" | "inside" | "after";
  /** Bytes of `entries` with all below it. */
  start: number;
  end: number;
  /** Of the children of `entries`; 0 before the first. */
  indent: number;
  /** The child whose end is not found yet. */
  open: { readonly name: string; readonly start: number } | undefined;
}

/** Takes a line without indentation. False: not a regular index. */
function cutTop(cut: Cut, { start, end }: Line): boolean {
  close(cut, start);
  const text = textOf(cut.body, start, end);
  if (cut.place === "before" && ENTRIES.test(text)) {
    cut.place = "inside";
    cut.start = start;
    return true;
  }
  if (cut.place === "inside") {
    cut.place = "after";
    cut.end = start;
  }
  return (TOP_KEY.test(text) && !OTHER_ENTRIES.test(text)) || (text === "---" && isFirst(cut.body, start));
}

/** Whether only blank lines and comments are before `start`. */
function isFirst(body: Buffer, start: number): boolean {
  for (const line of significantLines(body)) return line.start === start;
  return false;
}

/** Takes an indented line below `entries`. False: not a regular index. */
function cutChild(cut: Cut, { start, end, indent, first }: Line): boolean {
  cut.indent ||= indent;
  if (indent < cut.indent || first === "\t") return false;
  const isDash = first === "-" && /^-(?:\s|$)/.test(cut.body.toString("latin1", start + indent, start + indent + 2));
  if (indent > cut.indent || isDash) return cut.open !== undefined;
  close(cut, start);
  const name = packageName(textOf(cut.body, start + indent, Math.min(end, start + MAX_KEY_LINE_BYTES)));
  if (name !== undefined) cut.open = { name, start };
  return name !== undefined;
}

function close(cut: Cut, end: number): void {
  if (cut.open) cut.packages.set(cut.open.name, { start: cut.open.start, end });
  cut.open = undefined;
}

function packageName(line: string): string | undefined {
  const [, plain, double, single] = PACKAGE_KEY.exec(line) ?? [];
  if (plain !== undefined && NULL.test(plain)) return undefined;
  return plain ?? double ?? single;
}

interface Line {
  readonly start: number;
  /** Without its line feed. */
  readonly end: number;
  readonly indent: number;
  /** First character after the indentation. */
  readonly first: string;
}

/** Every line that is neither blank nor a comment. */
function* significantLines(body: Buffer): Iterable<Line> {
  let start = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0;
  while (start < body.length) {
    const feed = body.indexOf(LINE_FEED, start);
    const end = feed < 0 ? body.length : feed;
    let at = start;
    while (at < end && body[at] === SPACE) at++;
    const first = String.fromCharCode(body[at] ?? LINE_FEED);
    if (at < end && first !== "#" && first !== "\r") yield { start, end, indent: at - start, first };
    start = end + 1;
  }
}

function textOf(body: Buffer, start: number, end: number): string {
  return body.toString("utf8", start, end).trimEnd();
}
