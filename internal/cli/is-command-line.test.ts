import { expect, test } from "vitest";
import { isCommandLine } from "./is-command-line.ts";

test.each([
  ["", false],
  ["serve", false],
  ["serve --help", false],
  ["--http-address 127.0.0.1:0", false],
  ["--data-dir ./data --config larder.yaml", false],
  ["--help", true],
  ["--version", true],
  ["repo list", true],
  ["nothing-that-is-there", true],
  ["--data-dir ./data repo list", true],
  ["--server-url=http://127.0.0.1:1 stats", true],
  ["--json stats", true],
])("larder %s: %s", (words, want) => expect(isCommandLine(words.split(" ").filter((word) => word !== ""))).toBe(want));
