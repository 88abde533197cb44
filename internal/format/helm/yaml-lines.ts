/** Lines of a block, with the line that is read next. */
export interface Cursor {
  readonly lines: string[];
  at: number;
}

/** Whether the line belongs to a node at `indent`: it is deeper, or blank. */
export function isInside(line: string, indent: number): boolean {
  const found = indentOf(line);
  return found > indent || found === line.length;
}

/** Skips blank lines and comments. -1 at the end. */
export function nextIndent(cursor: Cursor): number {
  for (; cursor.at < cursor.lines.length; cursor.at++) {
    const line = lineAt(cursor);
    const found = indentOf(line);
    if (found < line.length && line[found] !== "#") return found;
  }
  return -1;
}

/** Indentation of the next line that is not blank; -1 at the end. */
export function indentBelow({ lines, at }: Cursor): number {
  for (let next = at + 1; next < lines.length; next++) {
    const line = lines[next] ?? "";
    const found = indentOf(line);
    if (found < line.length) return found;
  }
  return -1;
}

/** Whether the line that is read next has a dash at `indent`. */
export function isItem(cursor: Cursor, indent: number): boolean {
  const line = lineAt(cursor);
  return line[indent] === "-" && (line.length === indent + 1 || line[indent + 1] === " ");
}

/** The line that is read next. */
export function lineAt({ lines, at }: Cursor): string {
  return lines[at] ?? "";
}

/** Spaces before the text of a line; its length when it is blank. */
export function indentOf(line: string): number {
  let indent = 0;
  while (line.charCodeAt(indent) === 0x20) indent++;
  return indent;
}
