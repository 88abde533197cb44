import { createHash } from "node:crypto";
import { Fault } from "#internal/fault/fault.ts";

/** What a List asks for. */
export interface PageRequest {
  /** 0: 50; more than 1,000 is 1,000. */
  readonly pageSize?: number;
  /** From the page before; absent or "": the first. */
  readonly pageToken?: string;
}

/** One page; `nextPageToken` is "" on the last. */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly nextPageToken: string;
}

/** The sort key of the last row of the page before. */
export type Cursor = readonly (string | number)[];

const DEFAULT_SIZE = 50;
const MAX_SIZE = 1_000;
const MAX_TOKEN_LENGTH = 4_096;

/** @throws Fault ARGUMENT_INVALID when it is negative or not an integer. */
export function pageSizeOf({ pageSize = 0 }: PageRequest): number {
  if (!Number.isInteger(pageSize) || pageSize < 0) {
    throw new Fault("ARGUMENT_INVALID", `page_size ${pageSize} must be 0 to ${MAX_SIZE}`, { field: "page_size" });
  }
  return Math.min(pageSize || DEFAULT_SIZE, MAX_SIZE);
}

/**
 * Reads the place where the page before ended; undefined: begin. `scope` is everything else that the list depends on.
 * @throws Fault ARGUMENT_INVALID when the token is not one of this list's.
 */
export function cursorOf(
  { pageToken = "" }: PageRequest,
  scope: readonly unknown[],
  shape: Cursor,
): Cursor | undefined {
  if (pageToken === "") return undefined;
  const token = pageToken.length <= MAX_TOKEN_LENGTH ? decode(pageToken) : undefined;
  if (token?.scope !== digestOf(scope) || !hasShape(token.cursor, shape)) {
    throw new Fault("ARGUMENT_INVALID", "page_token is not one that this list has given", { field: "page_token" });
  }
  return token.cursor;
}

/** Cuts the page out of one row more than it has, and names the next one. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  size: number,
  scope: readonly unknown[],
  cursor: (row: Row) => Cursor,
  toItem: (row: Row) => Item,
): Page<Item> {
  const kept = rows.slice(0, size);
  const last = kept.at(-1);
  const nextPageToken = rows.length > size && last !== undefined ? encode(scope, cursor(last)) : "";
  return { items: kept.map(toItem), nextPageToken };
}

function encode(scope: readonly unknown[], cursor: Cursor): string {
  return Buffer.from(JSON.stringify({ scope: digestOf(scope), cursor })).toString("base64url");
}

function decode(token: string): { scope?: unknown; cursor?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(token, "base64url").toString());
    return typeof value === "object" && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function hasShape(cursor: unknown, shape: Cursor): cursor is Cursor {
  if (!Array.isArray(cursor) || cursor.length !== shape.length) return false;
  return cursor.every((value, at) => typeof value === typeof shape[at]);
}

function digestOf(scope: readonly unknown[]): string {
  return createHash("sha256").update(JSON.stringify(scope)).digest("base64url").slice(0, 16);
}
