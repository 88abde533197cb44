import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";

/** The line that a person types; empty when they end the input or interrupt instead. */
export async function askPerson(
  input: Readable,
  output: Writable,
  { question, terminal }: { readonly question: string; readonly terminal: boolean },
): Promise<string> {
  const lines = createInterface({ input, output, terminal });
  const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  try {
    return await Promise.race([lines.question(question), closed]);
  } finally {
    lines.close();
  }
}
