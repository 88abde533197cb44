import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { readCredentialOptions } from "./credential-options.ts";
import { createTestTerminal } from "./test-terminal.ts";

const folder = mkdtempSync(join(tmpdir(), "larder-secret-"));
const file = join(folder, "secret");
writeFileSync(file, "of a file \n");
writeFileSync(join(folder, "empty"), "\n");
afterAll(() => rmSync(folder, { recursive: true }));

const { terminal } = createTestTerminal({});

test("a secret comes out of a file, without its line end", async () => {
  expect(await readCredentialOptions({ username: "ci", passwordFile: file }, terminal)).toEqual({
    kind: { case: "basic", value: { username: "ci", password: "of a file " } },
  });
  expect(await readCredentialOptions({ header: "x-key", headerFile: file }, terminal)).toEqual({
    kind: { case: "header", value: { name: "x-key", value: "of a file " } },
  });
  expect(await readCredentialOptions({}, terminal)).toBeUndefined();
});

test("a secret is piped in", async () => {
  const piped = createTestTerminal({ input: "piped\r\n" });
  expect(await readCredentialOptions({ bearerFile: "-" }, piped.terminal)).toEqual({
    kind: { case: "bearer", value: { token: "piped" } },
  });
});

test("a secret that is typed at a terminal is not shown", async () => {
  const typed = createTestTerminal({ input: "typed\n", columns: 80 });
  expect(await readCredentialOptions({ bearerFile: "-" }, typed.terminal)).toMatchObject({
    kind: { value: { token: "typed" } },
  });
  expect(typed.written()).toEqual({ output: "", errors: "secret: \n" });
});

test("who ends the input instead of typing a secret gives none", async () => {
  const ended = createTestTerminal({ columns: 80 });
  await expect(readCredentialOptions({ bearerFile: "-" }, ended.terminal)).rejects.toMatchObject({
    message: "--bearer-file - holds no secret",
  });
});

test.each([
  [{ username: "ci" }, "--username goes with --password-file, --header with --header-file"],
  [{ headerFile: file }, "--username goes with --password-file, --header with --header-file"],
  [{ bearerFile: file, header: "x" }, "give one of --username, --bearer-file and --header"],
  [{ bearerFile: join(folder, "absent") }, `--bearer-file ${join(folder, "absent")} cannot be read: ENOENT`],
  [{ bearerFile: join(folder, "empty") }, `--bearer-file ${join(folder, "empty")} holds no secret`],
])("%o: %s", async (options, message) => {
  await expect(readCredentialOptions(options, terminal)).rejects.toMatchObject({ reason: "ARGUMENT_INVALID", message });
});
