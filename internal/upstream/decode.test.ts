import { brotliCompressSync, deflateSync, gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Fault } from "#internal/fault/fault.ts";
import { decode } from "./decode.ts";

const BODY = Buffer.alloc(50_000, "text ");

async function* pieces(body: Buffer): AsyncIterable<Buffer> {
  for (let start = 0; start < body.length; start += 1_000) yield body.subarray(start, start + 1_000);
}

const run = async (body: AsyncIterable<Buffer>, coding: string | undefined, limit = 1_000_000): Promise<Buffer> =>
  Buffer.concat(await Array.fromAsync(decode(body, coding, limit)));

test.each([
  { coding: undefined, body: BODY },
  { coding: "identity", body: BODY },
  { coding: "gzip", body: gzipSync(BODY) },
  { coding: " GZIP ", body: gzipSync(BODY) },
  { coding: "br", body: brotliCompressSync(BODY) },
  { coding: "deflate", body: deflateSync(BODY) },
])("undoes $coding", async ({ coding, body }) => {
  expect((await run(pieces(body), coding)).equals(BODY)).toBe(true);
});

test.each([
  { name: "two layers", coding: "gzip, gzip", body: gzipSync(gzipSync(BODY)), want: "UPSTREAM_INVALID" },
  { name: "unknown", coding: "rot13", body: BODY, want: "UPSTREAM_INVALID" },
  { name: "__proto__", coding: "__proto__", body: BODY, want: "UPSTREAM_INVALID" },
  {
    name: "corrupt",
    coding: "gzip",
    body: Buffer.concat([gzipSync(BODY).subarray(0, 50), BODY]),
    want: "UPSTREAM_INVALID",
  },
  { name: "cut short", coding: "gzip", body: gzipSync(BODY).subarray(0, 60), want: "UPSTREAM_INVALID" },
  { name: "a bomb", coding: "gzip", body: gzipSync(Buffer.alloc(20_000_000)), want: "LIMIT_EXCEEDED" },
])("refuses: $name", async ({ coding, body, want }) => {
  await expect(run(pieces(body), coding)).rejects.toMatchObject({ reason: want });
});

test("a connection that breaks within a coding stays an outage", async () => {
  async function* broken(): AsyncIterable<Buffer> {
    yield gzipSync(BODY).subarray(0, 40);
    throw new Fault("UPSTREAM_UNAVAILABLE", "reset");
  }
  await expect(run(broken(), "gzip")).rejects.toMatchObject({ reason: "UPSTREAM_UNAVAILABLE" });
});

test("data that breaks while more is on its way is a lie, not a bug", async () => {
  const gzip = gzipSync(BODY);
  gzip.writeUInt32LE(1, gzip.length - 8);
  async function* endless(): AsyncIterable<Buffer> {
    yield gzip;
    while (true) yield Buffer.alloc(65_536);
  }
  await expect(run(endless(), "gzip")).rejects.toMatchObject({ reason: "UPSTREAM_INVALID" });
});
