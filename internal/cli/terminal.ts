import type { Readable, Writable } from "node:stream";
import { styleText } from "node:util";

/** What a command talks to. The process's own is `processTerminal`. */
export interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  /** Answers go here. */
  readonly output: TerminalStream;
  /** Progress, questions and failures go here. */
  readonly errors: TerminalStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Ages are counted from here. */
  readonly nowMs: () => number;
}

export type TerminalStream = Writable & { readonly isTTY?: boolean; readonly columns?: number };

export type Style = "bold" | "dim" | "red" | "green" | "yellow";

/** How readable output is laid out. */
export interface Layout {
  /** Columns of the terminal; undefined: nothing is cut, because a program may be reading. */
  readonly width: number | undefined;
  readonly nowMs: number;
  /** Colours for a terminal only, and not when NO_COLOR is set. */
  readonly paint: (style: Style, text: string) => string;
}

export const processTerminal: Terminal = {
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  environment: process.env,
  nowMs: Date.now,
};

/** The layout for what is written to `stream`. */
export function layoutOf(stream: TerminalStream, nowMs: number): Layout {
  if (!stream.isTTY) return { width: undefined, nowMs, paint: (_, text) => text };
  return { width: widthOf(stream), nowMs, paint: (style, text) => styleText(style, text, { stream }) };
}

/** Columns of a terminal; undefined when it is none, or does not know (some say 0). */
export function widthOf({ isTTY, columns }: TerminalStream): number | undefined {
  return isTTY && columns ? columns : undefined;
}
