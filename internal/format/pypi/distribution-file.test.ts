import { expect, test } from "vitest";
import { isFilename, versionOf } from "./distribution-file.ts";

test.each([
  ["foo-1.0-py3-none-any.whl", "foo", "1.0"],
  ["Foo_Bar-1.0+cu118-2-cp311-cp311-linux_x86_64.whl", "foo-bar", "1.0+cu118"],
  ["foo-bar-1.0.post1.tar.gz", "foo-bar", "1.0.post1"],
  ["foo-1.0-beta.zip", "foo", "1.0-beta"],
  ["foo-1.0-py2.7.egg", "foo", "1.0"],
  ["foo.tar.gz", "foo", undefined],
  ["foo-.tar.gz", "foo", undefined],
  ["bar-1.0.tar.gz", "foo", undefined],
  ["foo-1.0.txt", "foo", undefined],
])("%s of %s is version %s", (filename, project, want) => {
  expect(versionOf(filename, project)).toBe(want);
});

test.each([
  ["foo-1.0.tar.gz", true],
  ["foo 1.0.zip", true],
  ["föö-1.0.zip", true],
  ["", false],
  ["..", false],
  ["a/b.whl", false],
  ["a\\b.whl", false],
  ["a\u0000.whl", false],
  ["a\ud800.whl", false],
  ["foo-1.0.tar.gz.asc", false],
  ["foo-1.0.tar.gz.metadata", false],
  [`${"a".repeat(509)}.whl`, false],
])("%j can be served: %s", (name, want) => {
  expect(isFilename(name)).toBe(want);
});
