import { expect, test } from "vitest";
import { readPipDefault, readUrl, readUvConfiguration } from "./adoptions.ts";

test.each([
  ["https://registry.example/simple\n", "https://registry.example/simple"],
  ["https://user:secret@registry.example/simple/", "https://registry.example/simple/"],
  ["company=https://registry.example/simple/", "https://registry.example/simple/"],
  ["https://registry.example/simple/?a=b", "https://registry.example/simple/?a=b"],
  ["ftp://registry.example/", undefined],
  ["", undefined],
])("the index in %j is %s", (text, want) => {
  expect(readUrl(text)).toEqual(want === undefined ? [] : [{ url: want }]);
});

test("pip tells its own default and where its files are", () => {
  expect(readPipDefault("https://registry.example/simple\nhttps://files.example\n")).toEqual([
    { url: "https://registry.example/simple", fileOrigins: ["https://files.example"] },
  ]);
  expect(readPipDefault("Traceback (most recent call last):\nImportError\n")).toEqual([]);
});

test.each([
  ['index-url = "https://registry.example/a/" # ours', "https://registry.example/a/"],
  ["[pip]\nindex-url = 'https://registry.example/b/'", "https://registry.example/b/"],
  ['[[index]]\nname = "x"\ndefault = true\nurl = "https://u:p@registry.example/c/"', "https://registry.example/c/"],
  [
    '[[index]]\nurl = "https://registry.example/extra/"\n[[ index ]]\nurl = "https://registry.example/d/"\ndefault=true',
    "https://registry.example/d/",
  ],
  ['[[index]]\nurl = "https://registry.example/extra/"', undefined],
  ['[tool]\nindex-url = "https://registry.example/other/"', undefined],
])("the default index of uv.toml %j is %s", (text, want) => {
  expect(readUvConfiguration(text)).toEqual(want === undefined ? [] : [{ url: want }]);
});
