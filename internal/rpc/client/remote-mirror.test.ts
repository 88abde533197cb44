import { afterAll, beforeAll, expect, test } from "vitest";
import { isFault } from "#internal/fault/fault.ts";
import { formats } from "#internal/format/formats.ts";
import type { MirrorRequest, Resolution } from "#internal/mirror/mirror.ts";
import { startTestProcess, TEST_TOKEN, type TestProcess } from "../start-test-process.ts";
import { createClients } from "./clients.ts";
import { createRemoteMirror } from "./remote-mirror.ts";
import { listRemoteRepositories } from "./remote-repositories.ts";

const BODY = Buffer.alloc(700_000, "larder ");

let larder: TestProcess;
beforeAll(async () => {
  larder = await startTestProcess();
  larder.upstream.files.set("/a/file.bin", BODY);
  larder.upstream.files.set("/broken.bin", BODY);
  await larder.clients.repoManager.createRepository({
    repositoryId: "files",
    repository: {
      format: "raw",
      upstreamUrl: larder.upstream.url,
      labels: { team: "web" },
      metadataTtl: { seconds: 60n },
    },
  });
});
afterAll(() => larder.close());

async function requestFor(path: string): Promise<MirrorRequest> {
  const repository = await larder.database.repositories.get("files");
  const original = { method: "GET", path, query: "", headers: {}, caller: undefined };
  const route = formats.get("raw")?.route(original);
  if (route?.kind !== "file") throw new Error("raw routes every path to a file");
  return { repository, route, original, gzip: false };
}

async function bytesOf({ body }: Resolution, start = 0, end?: number): Promise<Buffer> {
  if (body?.kind !== "stream") throw new Error(`expected a stream, got ${body?.kind}`);
  return Buffer.concat(await Array.fromAsync(body.stream.read(start, end)));
}

test("answers as the mirror of the other process does", async () => {
  const mirror = createRemoteMirror(larder.clients.mirror, { sharedDisk: false });
  const request = await requestFor("a/file.bin");
  expect(mirror.find(request)).toBeUndefined();
  const miss = await mirror.resolve(request);
  expect(miss).toMatchObject({ verdict: "MISS", status: 200, encoding: "identity" });
  expect(await bytesOf(miss)).toEqual(BODY);
  const hit = await mirror.resolve(request);
  expect(hit).toMatchObject({ verdict: "HIT", freshForMs: expect.any(Number) });
  expect(hit.body).toMatchObject({
    kind: "stream",
    stream: { sizeBytes: 700_000, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  expect(await bytesOf(hit, 10, 20)).toEqual(BODY.subarray(10, 20));
  expect(await bytesOf(hit, 10, 10)).toEqual(Buffer.alloc(0));
});

test("on a shared disk what is kept is named by its digest", async () => {
  const mirror = createRemoteMirror(larder.clients.mirror, { sharedDisk: true });
  const request = await requestFor("a/file.bin");
  await bytesOf(await createRemoteMirror(larder.clients.mirror, { sharedDisk: false }).resolve(request));
  const { body } = await mirror.resolve(request);
  if (body?.kind !== "blob") throw new Error(`expected a blob, got ${body?.kind}`);
  expect(await larder.cache.readBlob(body.blob.digest)).toEqual(BODY);
});

test("an absence has no body, and its verdict", async () => {
  const mirror = createRemoteMirror(larder.clients.mirror, { sharedDisk: false });
  const absent = await mirror.resolve(await requestFor("absent.bin"));
  expect(absent).toMatchObject({ status: 404, body: undefined });
});

test("faults arrive with their reason, also in the middle of a body", async () => {
  const mirror = createRemoteMirror(larder.clients.mirror, { sharedDisk: false });
  const gate = Promise.withResolvers<void>();
  larder.upstream.gate = gate.promise;
  const resolution = await mirror.resolve(await requestFor("broken.bin"));
  const bytes = bytesOf(resolution);
  gate.reject(new Error("cut"));
  await expect(bytes).rejects.toSatisfy((error) => isFault(error, "UPSTREAM_UNAVAILABLE"));
  larder.upstream.gate = Promise.resolve();
  const request = await requestFor("a/file.bin");
  const elsewhere = { ...request, repository: { ...request.repository, id: "absent" } };
  await expect(mirror.resolve(elsewhere)).rejects.toSatisfy((error) => isFault(error, "REPOSITORY_NOT_FOUND"));
});

test("a mirror that is away is an upstream that is away", async () => {
  const gone = createClients({ url: "http://127.0.0.1:1", token: TEST_TOKEN });
  const mirror = createRemoteMirror(gone.mirror, { sharedDisk: false });
  await expect(mirror.resolve(await requestFor("a/file.bin"))).rejects.toSatisfy((error) =>
    isFault(error, "UPSTREAM_UNAVAILABLE"),
  );
  gone.close();
});

test("a mirror that dies in the middle of a body is no clean end", async () => {
  const dying = await startTestProcess({ drainMs: 0 });
  dying.upstream.files.set("/a/file.bin", BODY);
  const repository = { format: "raw", upstreamUrl: dying.upstream.url };
  await dying.clients.repoManager.createRepository({ repositoryId: "files", repository });
  const gate = Promise.withResolvers<void>();
  dying.upstream.gate = gate.promise;
  const mirror = createRemoteMirror(dying.clients.mirror, { sharedDisk: false });
  const { body } = await mirror.resolve(await requestFor("a/file.bin"));
  if (body?.kind !== "stream") throw new Error(`expected a stream, got ${body?.kind}`);
  const bytes = body.stream.read(0, undefined)[Symbol.asyncIterator]();
  await bytes.next();
  const rest = Array.fromAsync({ [Symbol.asyncIterator]: () => bytes });
  await Promise.all([
    dying.server.close(),
    expect(rest).rejects.toSatisfy((error) => isFault(error, "UPSTREAM_UNAVAILABLE")),
  ]);
  gate.resolve();
  await dying.close();
});

test("a wrong token is a fault, not an outage", async () => {
  const stranger = createClients({ url: larder.url, token: "wrong" });
  const mirror = createRemoteMirror(stranger.mirror, { sharedDisk: false });
  await expect(mirror.resolve(await requestFor("a/file.bin"))).rejects.toSatisfy((error) =>
    isFault(error, "UNAUTHENTICATED"),
  );
  stranger.close();
});

test("the repositories of the other process are those of its store", async () => {
  const listed = await listRemoteRepositories(larder.clients.repoManager);
  const { items } = await larder.database.repositories.list({});
  expect(listed).toEqual(items);
});

test("every page of repositories is asked for", async () => {
  const asked: string[] = [];
  const repository = (await larder.clients.repoManager.listRepositories({})).repositories[0];
  const listed = await listRemoteRepositories({
    async listRepositories({ pageToken = "" }) {
      asked.push(pageToken);
      return { repositories: [repository], nextPageToken: asked.length < 3 ? `page-${asked.length}` : "" } as never;
    },
  });
  expect(asked).toEqual(["", "page-1", "page-2"]);
  expect(listed).toHaveLength(3);
});
