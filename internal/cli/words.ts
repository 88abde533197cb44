import type { DescEnum } from "@bufbuild/protobuf";

/** The word of an enum's number without its prefix: `PUBLIC`; the number when it has none, because the server is newer. */
export function wordOf({ value }: DescEnum, number: number): string {
  return value[number]?.localName ?? String(number);
}

/** The number of a word, in either case, with or without its prefix; undefined when there is none. */
export function numberOf({ values }: DescEnum, word: string): number | undefined {
  const wanted = word.toUpperCase().replaceAll("-", "_");
  return values.find(({ localName, name, number }) => number > 0 && (localName === wanted || name === wanted))?.number;
}

/** The words that a person may give, in lower case. */
export function wordsOf({ values }: DescEnum): string[] {
  return values.filter(({ number }) => number > 0).map(({ localName }) => localName.toLowerCase());
}
