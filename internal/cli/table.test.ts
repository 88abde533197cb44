import { expect, test } from "vitest";
import { type Column, fieldLines, tableLines } from "./table.ts";
import { type Layout, layoutOf } from "./terminal.ts";
import { createTestTerminal } from "./test-terminal.ts";

interface Row {
  readonly name: string;
  readonly count: string;
  readonly note: string;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "NAME", cell: ({ name }) => name },
  { title: "COUNT", cell: ({ count }) => count, align: "right" },
  { title: "NOTE", cell: ({ note }) => note, elastic: true },
];
const ROWS: readonly Row[] = [
  { name: "a", count: "1", note: "short" },
  { name: "日本語", count: "1,234", note: "a note that is too long for a narrow terminal" },
];
const layout = (width?: number): Layout => ({ width, nowMs: 0, paint: (_, text) => text });

test("amounts stand right, everything else left, and wide characters count twice", () => {
  expect(tableLines(COLUMNS, ROWS, layout())).toEqual([
    "NAME    COUNT  NOTE",
    "a           1  short",
    "日本語  1,234  a note that is too long for a narrow terminal",
  ]);
});

test("a narrow terminal cuts elastic columns only, down to what can be read", () => {
  expect(tableLines(COLUMNS, ROWS, layout(35)).at(-1)).toBe("日本語  1,234  a note that is too …");
  expect(tableLines(COLUMNS, ROWS, layout(5)).at(-1)).toBe("日本語  1,234  a note that…");
});

test("what an upstream wrote cannot drive the terminal", () => {
  const hostile = { name: "\u001b[31mred", count: "1", note: "two\nlines\u202e\u009b" };
  expect(tableLines(COLUMNS, [hostile], layout()).at(-1)).toBe("�[31mred      1  two lines��");
});

test("fields are aligned, and those without a value are left out", () => {
  const fields = [
    ["id", "npm"],
    ["empty", ""],
    ["upstream", "http://registry.example/"],
  ] as const;
  expect(fieldLines(fields, layout())).toEqual(["id        npm", "upstream  http://registry.example/"]);
});

test("a terminal that does not know its width is not taken for one of none", () => {
  expect(layoutOf(createTestTerminal({ columns: 0 }).terminal.output, 0).width).toBeUndefined();
  expect(layoutOf(createTestTerminal({ columns: 70 }).terminal.output, 0).width).toBe(70);
  expect(layoutOf(createTestTerminal({}).terminal.output, 0).paint("red", "text")).toBe("text");
});
