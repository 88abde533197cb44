import { createInterface } from "node:readline/promises";
import type { Terminal } from "./terminal.ts";

/** Asks a person. Where nobody sits at a terminal nobody is asked, and the answer is yes. */
export async function confirm({ input, errors }: Terminal, question: string): Promise<boolean> {
  if (!input.isTTY || !errors.isTTY) return true;
  const lines = createInterface({ input, output: errors });
  // The end of the input (Ctrl-D) is no answer, and no answer is no.
  const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  try {
    return /^y(?:es)?$/i.test((await Promise.race([lines.question(`${question} [y/N] `), closed])).trim());
  } finally {
    lines.close();
  }
}
