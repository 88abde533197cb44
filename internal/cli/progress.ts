import { printable } from "./printable.ts";
import { type Terminal, widthOf } from "./terminal.ts";
import { truncate } from "./text-width.ts";

/** One line on standard error that is written over; nothing where no person looks. */
export interface Progress {
  show(text: string): void;
  clear(): void;
}

const ERASE_LINE = "\r\x1b[2K";
const USUAL_WIDTH = 80;

export function createProgress({ errors }: Terminal): Progress {
  if (!errors.isTTY) return { show: () => {}, clear: () => {} };
  return {
    // A line that wraps could not be erased.
    show: (text) => void errors.write(ERASE_LINE + truncate(printable(text), (widthOf(errors) ?? USUAL_WIDTH) - 1)),
    clear: () => void errors.write(ERASE_LINE),
  };
}
