import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { NpmSite } from "../../test/fixtures/npm-site.ts";
import { type Fixture, startNpmFixture } from "../../test/fixtures/start-fixtures.ts";
import { openTestMirror, type TestMirror, testRepository } from "./test-mirror.ts";

const BODY = randomBytes(300_000);
const CUT = 200_000;

let larder: TestMirror;
beforeEach(async () => {
  larder = await openTestMirror();
});
afterEach(() => larder.close());

describe("a transfer that breaks in the middle", () => {
  let npm: Fixture<NpmSite>;
  beforeEach(async () => {
    npm = await startNpmFixture();
  });
  afterEach(() => npm.stop());

  test.each([
    { name: "cut", behaviour: { mode: "truncate", afterBytes: 100_000 } as const },
    { name: "silent", behaviour: { mode: "stall", afterBytes: 100_000 } as const },
  ])("($name) is gone on with, and its reader notices nothing", async ({ behaviour }) => {
    const noise = randomBytes(200_000).toString("base64");
    const { tarball = Buffer.alloc(0) } = npm.site.publish("larder-big", "1.0.0", { files: { "noise.txt": noise } });
    const path = "larder-big/-/larder-big-1.0.0.tgz";
    const repository = testRepository("npm", npm.upstream.url);
    await larder.get(repository, "larder-big");
    npm.upstream.clearRequests();
    npm.upstream.behaveFor(`/${path}`, behaviour);
    const { body } = await larder.resolve(repository, path);
    npm.upstream.behaveFor(`/${path}`, "normal");
    expect((await larder.read(body)).equals(tarball)).toBe(true);
    // How far the first transfer came is the network's affair.
    expect(npm.upstream.requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=\d+-$/),
    ]);
    expect(npm.upstream.requests[1]?.headers["if-range"]).toMatch(/^"/);
    expect((await larder.get(repository, path)).verdict).toBe("HIT");
  });

  test("is asked for once more, not twice", async () => {
    const path = "larder-left/-/larder-left-1.0.0.tgz";
    const repository = testRepository("npm", npm.upstream.url);
    npm.upstream.behaveFor(`/${path}`, { mode: "truncate", afterBytes: 10 });
    await expect(larder.get(repository, path)).rejects.toMatchObject({ reason: "UPSTREAM_UNAVAILABLE" });
    expect(npm.upstream.requestCount(`/${path}`)).toBe(2);
  });
});

/** Of the growing file. */
async function storedBytes(): Promise<number> {
  const [name = ""] = await larder.temporaryFiles();
  const { size } = await stat(join(larder.cache.blobPath("0".repeat(64)), "../../../../tmp", name));
  return size;
}

type Respond = (response: ServerResponse, headers: IncomingHttpHeaders) => void;

const ETAG = '"one"';
const DATE = "Fri, 20 Nov 2026 10:00:00 GMT";
const part = (first: number, last: number, size: number, headers: Record<string, string> = {}): Respond => {
  const range = { "content-range": `bytes ${first}-${last}/${size}` };
  return (response) => void response.writeHead(206, { ...range, ...headers }).end(BODY.subarray(first, last + 1));
};
const whole = (body: Buffer, headers: Record<string, string> = {}): Respond => {
  const length = { "content-length": String(body.length) };
  return (response) => void response.writeHead(200, { ...length, ...headers }).end(body);
};
const flipped = (at: number): Buffer => {
  const copy = Buffer.from(BODY);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};
const LAST = BODY.length - 1;

test.each<{ name: string; first?: Record<string, string>; second: Respond; want: "whole" | "cut"; range?: string }>([
  { name: "the rest", second: part(CUT, LAST, BODY.length, { etag: ETAG }), want: "whole" },
  { name: "the rest, by its date", first: { "last-modified": DATE }, second: part(CUT, LAST, 300_000), want: "whole" },
  { name: "the whole, the same", second: whole(BODY, { etag: '"two"' }), want: "whole" },
  { name: "the whole of what has no validator", first: {}, second: whole(BODY), want: "whole" },
  { name: "the whole of what has a weak one", first: { etag: 'W/"one"' }, second: whole(BODY), want: "whole" },
  { name: "a rest of another file", second: part(CUT, LAST, BODY.length, { etag: '"two"' }), want: "cut" },
  { name: "a rest that begins later", second: part(CUT + 1, LAST, BODY.length), want: "cut" },
  { name: "a rest that ends earlier", second: part(CUT, LAST - 1, BODY.length), want: "cut" },
  { name: "a rest of another size", second: part(CUT, LAST - 1, LAST), want: "cut" },
  {
    name: "less than its range says, with a clean end",
    second: (response) => {
      response.writeHead(206, { "content-range": `bytes ${CUT}-${LAST}/${BODY.length}` });
      response.write(BODY.subarray(CUT, -1));
      response.end();
    },
    want: "cut",
  },
  { name: "the whole with another start", second: whole(flipped(5)), want: "cut" },
  { name: "the whole of another size", second: whole(BODY.subarray(0, -1)), want: "cut" },
  { name: "less than it sent before", first: {}, second: whole(BODY.subarray(0, 1_000)), want: "cut" },
  { name: "an error", second: (response) => void response.writeHead(503).end(), want: "cut" },
  { name: "an absence", second: (response) => void response.writeHead(404).end(), want: "cut" },
  { name: "nothing", second: (response) => response.destroy(), want: "cut" },
])("asked for the rest, the upstream sends $name: the client gets the file $want", async ({ first, second, want }) => {
  const ranges: (string | undefined)[] = [];
  const validators = first ?? { etag: ETAG };
  const server = createServer(({ headers }, response) => {
    ranges.push(headers.range);
    if (ranges.length > 1) return second(response, headers);
    response.writeHead(200, { "content-length": String(BODY.length), ...validators });
    response.write(BODY.subarray(0, CUT));
    // What has not been read yet would be lost with the connection.
    void vi.waitFor(async () => expect(await storedBytes()).toBe(CUT)).then(() => response.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const repository = testRepository("raw", `http://127.0.0.1:${(server.address() as AddressInfo).port}`);

  const got = larder.get(repository, "file.bin");
  if (want === "whole") expect((await got).bytes.equals(BODY)).toBe(true);
  else await expect(got).rejects.toMatchObject({ reason: "UPSTREAM_UNAVAILABLE" });

  const hasStrong = validators.etag === ETAG || "last-modified" in validators;
  expect(ranges[1]).toBe(hasStrong ? `bytes=${CUT}-` : undefined);
  expect(larder.cache.find(`${repository.uid}/file/file.bin`) !== undefined).toBe(want === "whole");
  expect(await larder.temporaryFiles()).toEqual([]);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
