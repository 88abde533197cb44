/** Below SQLite's limit of expressions, and each statement below the packet size of a small MySQL. */
const MAX_ROWS = 200;
const MAX_BYTES = 2 * 1024 * 1024;

/** Inserts in statements that both dialects take; `sizeBytes` tells how much of a row's text counts. */
export async function insertRows<Row>(
  rows: readonly Row[],
  insert: (chunk: readonly Row[]) => Promise<unknown>,
  sizeBytes: (row: Row) => number = () => 0,
): Promise<void> {
  let chunk: Row[] = [];
  let bytes = 0;
  for (const row of rows) {
    const size = sizeBytes(row);
    if (chunk.length > 0 && (chunk.length === MAX_ROWS || bytes + size > MAX_BYTES)) {
      await insert(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(row);
    bytes += size;
  }
  if (chunk.length > 0) await insert(chunk);
}
