import type { Figure } from "./row.ts";
import { median } from "./statistics.ts";

/** A figure and the row that it belongs to. */
export interface RowFigure extends Figure {
  readonly row: string;
}

const HEADINGS = ["row", "measure", "Larder", "spread", "reference", "ratio", "unit"];

/** Median over the median of the reference; undefined without one. */
export function ratioOf({ larder, reference }: Figure): number | undefined {
  return reference && median(larder) / median(reference.values);
}

/** The figures with their columns aligned: medians, the least and the most of the runs, the ratio to the reference. */
export function tableOf(figures: readonly RowFigure[]): string {
  const lines = [HEADINGS, ...figures.map(cellsOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines.map((cells) => cells.map((cell, column) => aligned(cell, column, widths)).join("  ")).join("\n");
}

function cellsOf(figure: RowFigure, index: number, all: readonly RowFigure[]): string[] {
  const { row, measure, unit, larder, reference } = figure;
  const ratio = ratioOf(figure);
  return [
    all[index - 1]?.row === row ? "" : row,
    measure,
    shown(median(larder)),
    larder.length < 2 ? "" : `${shown(Math.min(...larder))}-${shown(Math.max(...larder))}`,
    reference ? `${reference.name} ${shown(median(reference.values))}` : "",
    ratio === undefined ? "" : `${ratio.toFixed(2)}x`,
    unit,
  ];
}

/** Words to the left, numbers to the right. */
function aligned(cell: string, column: number, widths: readonly number[]): string {
  const width = widths[column] ?? 0;
  return column < 2 || column === HEADINGS.length - 1 ? cell.padEnd(width) : cell.padStart(width);
}

/** Three digits that say something. */
function shown(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en");
  return Number.isInteger(value) ? String(value) : value.toPrecision(3);
}
