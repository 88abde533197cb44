import { Fault } from "#internal/fault/fault.ts";

const MAX_QUERY_LENGTH = 200;
const MAX_WORDS = 10;
const MAX_DESCRIPTION_LENGTH = 2_000;

/** The form in which texts are searched: without upper case, composed, control characters as blanks. The same on every database. */
export function foldText(text: string): string {
  return text
    .toWellFormed()
    .toLowerCase()
    .normalize("NFC")
    .replace(/\p{Cc}/gu, " ");
}

/** As much of a description as is searched. */
export function foldDescription(description: string): string {
  // Folded, it can be longer.
  return foldText(description.slice(0, MAX_DESCRIPTION_LENGTH)).slice(0, MAX_DESCRIPTION_LENGTH).toWellFormed();
}

/**
 * Words of a query, folded, each once.
 * @throws Fault ARGUMENT_INVALID when there is none, or too much.
 */
export function readSearchWords(query: string): string[] {
  if (query.length > MAX_QUERY_LENGTH) {
    throw invalid(`query has ${query.length} characters, at most ${MAX_QUERY_LENGTH} are allowed`);
  }
  const words = [...new Set(foldText(query).split(/\s+/).filter(Boolean))];
  if (words.length === 0) throw invalid("query must have a word");
  if (words.length > MAX_WORDS) throw invalid(`query has ${words.length} words, at most ${MAX_WORDS} are allowed`);
  return words;
}

function invalid(message: string): Fault {
  return new Fault("ARGUMENT_INVALID", message, { field: "query" });
}
