import { expect, test } from "vitest";
import { configurationHelp, configurationTable, readFlags } from "./flags.ts";

test.each([
  [["--http-address", "127.0.0.1:0"], { "http-address": "127.0.0.1:0" }],
  [["--http-address=127.0.0.1:0", "--adopt", "off"], { "http-address": "127.0.0.1:0", adopt: "off" }],
  [["--admin-token-file", "/t"], { "admin-token-file": "/t" }],
  [[], {}],
  [["--help"], "help"],
  [["-h"], "help"],
])("%j", (argv, want) => {
  expect(readFlags(argv)).toEqual(want);
});

test.each([
  [["--http-adress", "x"], "--http-adress is not a flag (did you mean http-address?)"],
  [["--http-address"], "--http-address needs a value"],
  [["serve"], '"serve" is not expected'],
  [["--adopt", "off", "--adopt", "auto"], "--adopt is given twice"],
  [["--adopt-file", "x"], "--adopt-file is not a flag"],
  [["-x"], "-x is not a flag"],
])("%j is refused", (argv, message) => {
  expect(() => readFlags(argv)).toThrow(message);
});

test("help and README's table come from the keys", () => {
  expect(configurationHelp()).toContain("--http-address");
  expect(configurationHelp()).toContain("LARDER_ADMIN_TOKEN or LARDER_ADMIN_TOKEN_FILE");
  expect(configurationTable()).toContain("| LARDER_HTTP_ADDRESS | 127.0.0.1:8080 | gateway");
});
