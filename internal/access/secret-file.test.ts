import { mkdtemp, readdir, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readOrCreateSecret } from "./secret-file.ts";

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), "larder-secret-"));

test("the first call makes it, for its owner only; later ones read it, and nothing else is left", async () => {
  const data = join(await folder(), "data");
  const secret = await readOrCreateSecret(join(data, "admin-token"));
  expect(secret).toMatch(/^[\da-f]{64}$/);
  expect((await stat(join(data, "admin-token"))).mode & 0o777).toBe(0o600);
  expect(await readOrCreateSecret(join(data, "admin-token"))).toBe(secret);
  expect(await readdir(data)).toEqual(["admin-token"]);
});

test.each(["", "short", "two words of enough length"])(
  "a file that holds %j is refused, not replaced",
  async (text) => {
    const path = join(await folder(), "admin-token");
    await writeFile(path, text);
    await expect(readOrCreateSecret(path)).rejects.toMatchObject({ reason: "ARGUMENT_INVALID", facts: { path } });
  },
);

test("a folder that is none is a storage fault", async () => {
  const file = join(await folder(), "file");
  await writeFile(file, "");
  await expect(readOrCreateSecret(join(file, "admin-token"))).rejects.toMatchObject({ reason: "STORAGE_UNAVAILABLE" });
});
