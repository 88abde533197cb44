import { rm, writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "./test-server.ts";

const FILES = ["a.bin", "b.bin", "sub/c.bin"];

let larder: TestServer;
beforeAll(async () => {
  larder = await startTestServer();
  const { upstream, clients } = larder.process;
  await larder.run("repo", "create", "files", "--format", "raw", "--upstream-url", upstream.url, "--allow-invalid");
  for (const path of FILES) {
    upstream.files.set(`/${path}`, Buffer.alloc(1_500, path));
    const { readToken } = await clients.mirror.resolve({ repository: "repositories/files", method: "GET", path });
    await Array.fromAsync(clients.mirror.read({ readToken }));
  }
});
afterAll(() => larder.close());

test("entries are listed with sizes and ages", async () => {
  const lines = (await larder.run("entry", "list", "files")).trim().split("\n");
  expect(lines[0]).toMatch(/^KEY +STATUS +SIZE +STORED +CHECKED +EXPIRES$/);
  expect(lines).toHaveLength(4);
  for (const line of lines.slice(1)) expect(line).toMatch(/^\S+\.bin +200 +1\.5 kB +\d+s +\d+s +\d+\w$/);
  const { entries } = await larder.json("entry", "list", "files", "--limit", "2");
  expect(entries).toHaveLength(2);
  expect(entries[0]).toMatchObject({ kind: "FILE", status: 200, sizeBytes: "1500" });
});

test("stats tell of the cache, the answers and the upstreams", async () => {
  const shown = await larder.run("stats");
  expect(shown).toMatch(/^entries +3$/m);
  expect(shown).toMatch(/^size +4\.5 kB of 1\.0 GB \(0\.0 %\)$/m);
  expect(shown).toMatch(/^MISS +3$/m);
  expect(shown).toMatch(/^http:\/\/127\.0\.0\.1:\d+ +file +closed +3 +0$/m);
  expect(await larder.json("stats")).toMatchObject({ entries: "3", bytes: "4500", verdicts: { MISS: "3" } });
});

test("verify tells what is damaged, and heals it when it is told to", async () => {
  expect(await larder.run("verify", "files")).toBe("checked 3 entries, 4.5 kB\neverything is as it was stored\n");
  const { cache } = larder.process;
  const entries = cache.list("", undefined, 9);
  const pathOf = (name: string) => cache.blobPath(entries.find(({ key }) => key.endsWith(name))?.blob?.digest ?? "");
  await writeFile(pathOf("a.bin"), Buffer.alloc(1_500, "rot"));
  await rm(pathOf("b.bin"));

  const told = await larder.attempt(["verify", "--all"]);
  expect(told).toMatchObject({
    exitCode: 1,
    output: [
      "files file/a.bin: rotten",
      "files file/b.bin: missing",
      "checked 3 entries, 4.5 kB",
      "1 rotten, 1 missing",
      "",
    ].join("\n"),
  });
  const healed = await larder.attempt(["verify", "files", "--heal", "--json"]);
  const messages = healed.output
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect([healed.exitCode, messages.at(-1)]).toMatchObject([0, { missingBodies: "2", healedBodies: "2", done: true }]);
  expect(await larder.run("verify", "files")).toContain("everything is as it was stored");
});

test("verify says what it could not have again", async () => {
  const { cache, upstream } = larder.process;
  const [entry] = cache.list("", undefined, 1);
  const path = cache.blobPath(entry?.blob?.digest ?? "");
  const kept = upstream.files.get("/a.bin");
  upstream.files.delete("/a.bin");
  await rm(path);
  const told = await larder.attempt(["verify", "files", "--heal"]);
  expect(told).toMatchObject({ exitCode: 1, output: expect.stringContaining("1 missing, 1 not to be had now") });
  expect(told.output).toMatch(/^files file\/a\.bin: missing, not healed: .+$/m);
  upstream.files.set("/a.bin", kept ?? Buffer.alloc(0));
  for (const argv of [["verify"], ["verify", "files", "--all"]]) {
    expect((await larder.attempt(argv)).exitCode).toBe(2);
  }
  await larder.run("purge", "files", "--prefix", "file/a.bin", "--yes");
  const { clients } = larder.process;
  const { readToken } = await clients.mirror.resolve({
    repository: "repositories/files",
    method: "GET",
    path: "a.bin",
  });
  await Array.fromAsync(clients.mirror.read({ readToken }));
});

test("purge asks a person, and only yes is yes", async () => {
  const argv = ["purge", "files", "--all"];
  const { environment } = larder;
  for (const input of ["n\n", "\n", ""]) {
    const refused = await larder.attempt(argv, { environment, columns: 80, input });
    expect(refused).toMatchObject({ exitCode: 1, output: "" });
    expect(refused.errors).toContain("forget every cache entry of files? [y/N] ");
  }
  expect((await larder.attempt(["purge", "files"])).exitCode).toBe(2);
  expect(await larder.json("stats")).toMatchObject({ entries: "3" });
});

test("purge forgets what begins with a prefix, or all", async () => {
  const { entries } = await larder.json("entry", "list", "files");
  const keys = entries.map(({ name }: { name: string }) => decodeURIComponent(name.split("/").at(-1) ?? ""));
  const prefix = keys.find((key: string) => key.includes("sub")) ?? "";
  expect(await larder.json("purge", "files", "--prefix", prefix)).toEqual({ purgedCount: "1", purgedBytes: "1500" });
  const yes = await larder.attempt(["purge", "files", "--all"], {
    environment: larder.environment,
    columns: 80,
    input: "y\n",
  });
  expect(yes).toMatchObject({ exitCode: 0, output: "forgot 2 entries, 3.0 kB\n" });
  expect(await larder.json("entry", "list", "files")).toEqual({ entries: [], nextPageToken: "" });
});

test("a snippet has the public URL", async () => {
  expect(await larder.run("snippet", "files")).toContain("http://127.0.0.1:8080/files/");
  expect(await larder.run("snippet", "files", "--public-url", "https://larder.example/")).toContain(
    "https://larder.example/files/",
  );
  const { url, snippets } = await larder.json("snippet", "files");
  expect(url).toBe("http://127.0.0.1:8080/files/");
  expect(snippets[0]).toMatchObject({ client: expect.any(String), text: expect.stringContaining(url) });
});
