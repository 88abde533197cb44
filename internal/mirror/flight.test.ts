import { appendFile, mkdtemp, rename, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { Fault } from "#internal/fault/fault.ts";
import { createFlight } from "./flight.ts";

const BODY = Buffer.alloc(100_000, "larder");

async function growingFile() {
  const folder = await mkdtemp(join(tmpdir(), "larder-flight-"));
  const path = join(folder, "growing");
  await writeFile(path, "");
  const flight = createFlight(path, { sizeBytes: BODY.length, digest: undefined });
  let written = 0;
  const grow = async (bytes: number): Promise<void> => {
    await appendFile(path, BODY.subarray(written, written + bytes));
    written += bytes;
    flight.advance(written);
  };
  const land = async (): Promise<void> => {
    await rename(path, join(folder, "final"));
    flight.land(join(folder, "final"), BODY.length);
  };
  return { flight, grow, land, finalPath: join(folder, "final") };
}

async function collect(body: AsyncIterable<Buffer>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(body, (chunk) => Buffer.from(chunk)));
}

test("readers that come early, late and after the landing get the same bytes", async () => {
  const { flight, grow, land } = await growingFile();
  const early = collect(flight.read(0, undefined));
  await grow(60_000);
  const late = collect(flight.read(0, undefined));
  const part = collect(flight.read(10, 90_000));
  await grow(40_000);
  await land();
  const after = collect(flight.read(99_990, undefined));
  expect((await early).equals(BODY)).toBe(true);
  expect((await late).equals(BODY)).toBe(true);
  expect((await part).equals(BODY.subarray(10, 90_000))).toBe(true);
  expect((await after).equals(BODY.subarray(99_990))).toBe(true);
});

test("the end of every answer is withheld until the file has landed", async () => {
  const { flight, grow, land } = await growingFile();
  await grow(BODY.length);
  const whole = flight.read(0, undefined)[Symbol.asyncIterator]();
  expect((await whole.next()).value.length).toBeLessThan(BODY.length);
  const start = flight.read(0, 1_000)[Symbol.asyncIterator]();
  const first = start.next();
  expect(await Promise.race([first, Promise.resolve("withheld")])).toBe("withheld");
  await land();
  expect((await first).value.length).toBe(1_000);
  expect((await whole.next()).done).toBe(false);
});

test("the end is withheld from an answer whose upstream sends more than it should", async () => {
  const { flight, grow } = await growingFile();
  await grow(BODY.length);
  flight.advance(BODY.length * 2);
  let seenBytes = 0;
  const reader = (async () => {
    for await (const chunk of flight.read(0, undefined)) seenBytes += chunk.length;
  })();
  await vi.waitFor(() => expect(seenBytes).toBeGreaterThan(0));
  flight.fail(new Fault("DIGEST_MISMATCH", "too long"));
  await expect(reader).rejects.toMatchObject({ reason: "DIGEST_MISMATCH" });
  expect(seenBytes).toBeLessThan(BODY.length);
});

test("a failure reaches every reader, and nobody got the end", async () => {
  const { flight, grow } = await growingFile();
  await grow(BODY.length);
  const readers = [collect(flight.read(0, undefined)), collect(flight.read(5, 10))];
  flight.fail(new Fault("DIGEST_MISMATCH", "other bytes"));
  const ends = await Promise.allSettled(readers);
  const failed = { status: "rejected", reason: { reason: "DIGEST_MISMATCH" } };
  expect(ends).toMatchObject([failed, failed]);
});

test("a file that was cut short after its landing is an error, not an endless wait", async () => {
  const { flight, grow, land, finalPath } = await growingFile();
  await grow(BODY.length);
  await land();
  await truncate(finalPath, 40_000);
  await expect(collect(flight.read(0, undefined))).rejects.toMatchObject({ reason: "STORAGE_UNAVAILABLE" });
});
