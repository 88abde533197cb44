import type { DescMessage, MessageShape } from "@bufbuild/protobuf";
import { Option } from "commander";
import { parseIntegerBetween } from "#internal/config/parse-amounts.ts";
import type { Session } from "./session.ts";
import { type Column, tableLines } from "./table.ts";
import { optionParser } from "./usage.ts";

/** The server gives no more at a time. */
const PAGE_SIZE = 1_000;
const MAX_LIMIT = 1_000_000_000;

export interface Page {
  readonly pageSize: number;
  readonly pageToken: string;
}

/** What every List answers, besides its items. */
interface ListAnswer {
  nextPageToken: string;
}

export interface Listing<Schema extends DescMessage, Item> {
  readonly schema: Schema;
  readonly limit: number | undefined;
  /** Asks for one page. */
  readonly fetch: (page: Page) => Promise<MessageShape<Schema> & ListAnswer>;
  /** The list within an answer, which is added to. */
  readonly items: (answer: MessageShape<Schema>) => Item[];
  readonly columns: readonly Column<Item>[];
}

export function limitOption(): Option {
  const parse = optionParser(parseIntegerBetween(1, MAX_LIMIT));
  return new Option("--limit <count>", "stop after so many (default: all)").argParser(parse);
}

/** Writes what all pages hold, at most `limit`: a table, or as JSON one answer as if it had been a single page. */
export async function listPages<Schema extends DescMessage, Item>(
  { output, terminal }: Session,
  listing: Listing<Schema, Item>,
): Promise<void> {
  const { schema, limit, items, columns } = listing;
  const answer = await fetchAll(listing);
  output.answer(schema, answer, (whole, layout) =>
    items(whole).length === 0 ? [] : tableLines(columns, items(whole), layout),
  );
  if (output.isJson) return;
  if (items(answer).length === 0) terminal.errors.write("nothing found\n");
  if (answer.nextPageToken !== "") terminal.errors.write(`only the first ${limit}: there are more\n`);
}

/** The first page's answer with the items of all, and the page token that follows them. */
export async function fetchAll<Answer extends ListAnswer, Item>({
  limit = Number.POSITIVE_INFINITY,
  fetch,
  items,
}: {
  readonly limit: number | undefined;
  readonly fetch: (page: Page) => Promise<Answer>;
  readonly items: (answer: Answer) => Item[];
}): Promise<Answer> {
  const pageSize = (): number => Math.min(PAGE_SIZE, limit - count);
  let count = 0;
  const whole = await fetch({ pageSize: pageSize(), pageToken: "" });
  count = items(whole).length;
  while (whole.nextPageToken !== "" && count < limit) {
    const next = await fetch({ pageSize: pageSize(), pageToken: whole.nextPageToken });
    for (const item of items(next)) items(whole).push(item);
    whole.nextPageToken = next.nextPageToken;
    count = items(whole).length;
  }
  return whole;
}
