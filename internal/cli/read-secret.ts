import { readFile } from "node:fs/promises";
import { Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { askPerson } from "./ask-person.ts";
import type { Terminal } from "./terminal.ts";
import { usageFault } from "./usage.ts";

/**
 * A secret out of a file, or of standard input when the path is `-`: a person is asked for it, and it is not shown. Without the line
 * end after it.
 * @throws Fault ARGUMENT_INVALID that names the option, never the secret
 */
export async function readSecret(terminal: Terminal, path: string, option: string): Promise<string> {
  const given = path === "-" ? await readInput(terminal) : await readPath(path, option);
  const secret = given.replace(/\r?\n$/, "");
  if (secret === "") throw usageFault(`${option} ${path} holds no secret`, option);
  return secret;
}

async function readPath(path: string, option: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw usageFault(`${option} ${path} cannot be read: ${(error as NodeJS.ErrnoException).code}`, option);
  }
}

async function readInput({ input, errors }: Terminal): Promise<string> {
  if (!input.isTTY) return text(input);
  errors.write("secret: ");
  // What readline would echo goes nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const secret = await askPerson(input, nowhere, { question: "", terminal: true });
  errors.write("\n");
  return secret;
}
