import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { RawSite } from "../fixtures/raw-site.ts";
import { startRawFixture, type TwoHostFixture } from "../fixtures/start-fixtures.ts";
import { type ClientHome, createClientHome, succeeded } from "./client-home.ts";
import { type RunningLarder, repositoryUrl } from "./larder.ts";
import { startLarder } from "./larder-process.ts";
import { snippetOf } from "./snippet.ts";

describe("curl", () => {
  let fixture: TwoHostFixture<RawSite>;
  let larder: RunningLarder;

  beforeAll(async () => {
    fixture = await startRawFixture();
    const upstream = { format: "raw", upstreamUrl: `${fixture.upstream.url}/`, fileOrigins: [fixture.files.url] };
    larder = await startLarder({
      repositories: [
        { id: "files", ...upstream },
        { id: "brief", ...upstream, metadataTtl: "1ms" },
      ],
    });
  });
  afterEach(() => fixture.upstream.behave("normal"));
  afterAll(async () => {
    await larder?.stop();
    await fixture?.stop();
  });

  /** Pastes the snippet for this file. */
  async function fetched(home: ClientHome, path: string, id = "files"): Promise<Buffer> {
    succeeded(await home.paste(snippetOf("raw", "curl", repositoryUrl(larder, id)).replace("path/to/file", path)));
    return readFile(join(home.project, path.replace(/^.*\//, "")));
  }

  test.each(["files/empty.bin", "files/1k.bin", "files/2m.bin", "files/20m.bin", "docs/readme.txt"])(
    "gets %s, and again while the upstream is stopped",
    async (path) => {
      const bytes = fixture.site.bytesOf(`/${path}`);
      expect((await fetched(await createClientHome([]), path)).equals(bytes)).toBe(true);
      await fixture.upstream.behave("stopped");
      expect((await fetched(await createClientHome([]), path)).equals(bytes)).toBe(true);
    },
  );

  test.each([
    { range: "0-99", start: 0, end: 100 },
    { range: "1000-1999", start: 1_000, end: 2_000 },
    { range: "20000-", start: 20_000, end: 20_480 },
    { range: "-480", start: 20_000, end: 20_480 },
  ])("gets the range $range of a file that is not there yet, and of one that is", async ({ range, start, end }) => {
    const bytes = fixture.site.bytesOf("/files/20k.bin");
    const path = `files/of-range-${range}.bin`;
    fixture.site.put(`/${path}`, bytes);
    const url = `${repositoryUrl(larder, "brief")}${path}`;
    for (const name of ["first", "second"]) {
      const home = await createClientHome([]);
      await home.mustRun("curl", "-fsS", "--range", range, "--dump-header", "headers", "--output", name, url);
      const part = await readFile(join(home.project, name));
      expect(part.equals(bytes.subarray(start, end))).toBe(true);
      expect(await home.read("headers")).toMatch(/^HTTP\/1\.1 206 /);
    }
  });

  test("resumes a download that was cut", async () => {
    const home = await createClientHome([]);
    const bytes = fixture.site.bytesOf("/files/2m.bin");
    const url = `${repositoryUrl(larder, "files")}files/2m.bin`;
    await home.mustRun("curl", "-fsS", "--range", "0-999999", "--output", "2m.bin", url);
    expect((await stat(join(home.project, "2m.bin"))).size).toBe(1_000_000);
    await home.mustRun("curl", "-fsS", "--continue-at", "-", "--output", "2m.bin", url);
    expect((await readFile(join(home.project, "2m.bin"))).equals(bytes)).toBe(true);
  });

  test("gets a file that a redirect leads to", async () => {
    const bytes = await fetched(await createClientHome([]), "redirect/elsewhere");
    expect(bytes.equals(fixture.site.bytesOf("/files/1k.bin"))).toBe(true);
  });

  test("sees a change of the upstream, once the file has expired", async () => {
    fixture.site.put("/files/news.txt", "old");
    expect(`${await fetched(await createClientHome([]), "files/news.txt", "brief")}`).toBe("old");
    fixture.site.put("/files/news.txt", "new");
    expect(`${await fetched(await createClientHome([]), "files/news.txt", "brief")}`).toBe("new");
  });

  test("is not told that a file does not exist when the upstream fails, and is told why", async () => {
    await fixture.upstream.behave("reset");
    const home = await createClientHome([]);
    const { code, output } = await home.run("curl", "-sS", "-i", `${repositoryUrl(larder, "files")}files/other.txt`);
    expect(code, output).toBe(0);
    expect(output).toMatch(/^HTTP\/1\.1 50[234] .*127\.0\.0\.1/);
    expect(output).toMatch(/^retry-after: \d+/im);
  });
});
