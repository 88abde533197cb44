import { askPerson } from "./ask-person.ts";
import type { Terminal } from "./terminal.ts";

/** Asks a person; what is not yes is no. Where nobody sits at a terminal nobody is asked, and the answer is yes. */
export async function confirm({ input, errors }: Terminal, question: string): Promise<boolean> {
  if (!input.isTTY || !errors.isTTY) return true;
  const answer = await askPerson(input, errors, { question: `${question} [y/N] `, terminal: true });
  return /^y(?:es)?$/i.test(answer.trim());
}
