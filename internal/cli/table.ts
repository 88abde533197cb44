import { printable } from "./printable.ts";
import type { Layout } from "./terminal.ts";
import { textWidth, truncate } from "./text-width.ts";

export interface Column<Row> {
  readonly title: string;
  /** May come from anywhere: it is made printable here. */
  readonly cell: (row: Row, layout: Layout) => string;
  /** For amounts. */
  readonly align?: "right";
  /** May be cut on a terminal that is too narrow. */
  readonly elastic?: true;
}

const GAP = "  ";
/** An elastic column keeps so much. */
const ELASTIC_MIN_WIDTH = 12;

/** A head and a line a row, columns aligned. */
export function tableLines<Row>(columns: readonly Column<Row>[], rows: readonly Row[], layout: Layout): string[] {
  const cells = rows.map((row) => columns.map(({ cell }) => printable(cell(row, layout))));
  const titles = columns.map(({ title }) => title);
  const natural = columns.map(({ title }, index) =>
    cells.reduce((widest, row) => Math.max(widest, textWidth(row[index] ?? "")), title.length),
  );
  const widths = layout.width === undefined ? natural : fit(columns, natural, layout.width);
  const line = (texts: readonly string[]) =>
    texts
      .map((text, index) => pad(text, widths[index] ?? 0, columns[index]?.align))
      .join(GAP)
      .trimEnd();
  return [layout.paint("bold", line(titles)), ...cells.map(line)];
}

/** `name  value` lines, names aligned; without those whose value is empty. */
export function fieldLines(fields: readonly (readonly [name: string, value: string])[], layout: Layout): string[] {
  const given = fields.filter(([, value]) => value !== "");
  const width = Math.max(...given.map(([name]) => name.length));
  return given.map(([name, value]) => `${layout.paint("dim", name.padEnd(width))}${GAP}${printable(value)}`);
}

/** The widest elastic column gives way first. */
function fit(columns: readonly Column<never>[], natural: readonly number[], width: number): number[] {
  const widths = [...natural];
  let excess = natural.reduce((sum, columnWidth) => sum + columnWidth, GAP.length * (columns.length - 1)) - width;
  while (excess > 0) {
    const widest = columns
      .map(({ elastic }, index) => ({ index, size: elastic ? (widths[index] ?? 0) : 0 }))
      .reduce((left, right) => (right.size > left.size ? right : left));
    if (widest.size <= ELASTIC_MIN_WIDTH) break;
    widths[widest.index] = widest.size - 1;
    excess -= 1;
  }
  return widths;
}

function pad(text: string, width: number, align: "right" | undefined): string {
  const shown = truncate(text, width);
  const filler = " ".repeat(width - textWidth(shown));
  return align === "right" ? filler + shown : shown + filler;
}
