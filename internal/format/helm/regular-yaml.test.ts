import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { parseFailsafeYaml } from "./failsafe-yaml.ts";
import { parseRegularYaml } from "./regular-yaml.ts";

/** What a parser makes of a text: its value or the reason of its Fault. */
function outcome(parse: (text: string) => unknown, text: string): unknown {
  try {
    return { value: parse(text) };
  } catch (error) {
    return { reason: (error as { reason?: string }).reason };
  }
}

function same(text: string): void {
  expect(outcome(parseRegularYaml, text)).toEqual(outcome(parseFailsafeYaml, text));
}

describe("reads as the library does", () => {
  test.each([
    ["  alpine:\n  - name: alpine\n    version: 1.10\n    urls:\n    - a.tgz\n"],
    ["a:\n  - b: 1\n    c: |\n      - x: y\n\n      z\n\n    d: |-\n      text\n"],
    ["a: |\n\n  late\n"],
    ["a: |+\n  kept\n\n\nb: 1\n"],
    ["a: >-\n  folded\n  text\n"],
    ["a: |\n    four\n  two\n"],
    ["a: |\n  x\n      \n  y\n"],
    ["a: long text that is\n  folded: no\n"],
    ["a: long text that is\n  folded on\n  three lines\nb: 1\n"],
    ["a: long text that is\n  # cut by a comment\nb: 1\n"],
    ["a: long text\n\n  with a paragraph\nb: 1\n"],
    ['a: "escaped \\" \\u00e9 \\ud83d\\ude00 \\x41"\n'],
    ["a: \"on\n  two lines\"\nb: 'it''s'\n"],
    ["a: [x, 1.10, true]\nb: {c: null}\n"],
    ['a: ["x", "y"]\nb: {"c": "d"}\ne: [1, true, null]\n'],
    ["a:\nb: ~\nc: null\nd: Null # comment\ne: # comment\n"],
    ["a:\n  scalar below\nb:\n  - - nested\n  -\n    x: 1\n"],
    ["a: &anchor\n  b: 1\nc: *anchor\n"],
    ["a: !!int 5\n? complex\n: key\n"],
    ["a: x: y\n"],
    ["a: b:\n"],
    ["- a\n- b: c\n  d: e\n-   f: g\n    h: i\n"],
    ["a: 1\r\nb: |\r\n  x\r\n"],
    ["a: \t1\n"],
    ["a:\t1\n"],
    ["a : 1\n'b' : 2\n\"c\": 3\n"],
    ["a: 1\n   b: 2\n"],
    ["  a: 1\n b: 2\n"],
    ["a:\n- b\nc:\n - d\n"],
    ["a:\n- b\n c: 1\n"],
    ["__proto__: 1\nconstructor: 2\n"],
    ["<<: {a: 1}\nb: 2\n"],
    ["null: 1\n"],
    ["# nothing\n"],
    [""],
    ["a: 1\n---\nb: 2\n"],
    ["a: `x\nb: @y\n"],
    ["a: - b\n"],
    ["a: -b\nc: ?d\ne: :f\n"],
    ["a: x#y\nb: x #y\n"],
    ['a: "x" # comment\nb: "x" y\n'],
    ["a: 'x\n\n  y'\n"],
    ["a:\n  b: 1\n\n  # comment\n  c: 2\n # odd comment\n  d: 3\n"],
  ])("%j", same);

  test("whatever an emitter writes", () => {
    const scalar = fc.oneof(
      fc.string(),
      fc.string({ unit: "grapheme" }),
      fc.lorem({ maxCount: 40 }),
      fc.constantFrom(
        "1.10",
        "true",
        "null",
        "- x",
        "a: b",
        "#",
        "x\ny\n",
        "  lead\n\n trail \n\n",
        "~",
        "&a",
        "*a",
        "|",
        "2024-01-01",
      ),
      fc.double({ noNaN: true }),
      fc.boolean(),
      fc.constant(null),
    );
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof({ depthSize: "small", withCrossShrink: true }, scalar, tie("map"), tie("list")),
      map: fc.dictionary(fc.oneof(fc.stringMatching(/^[\w./-]{1,12}$/), fc.string({ minLength: 1 })), tie("tree"), {
        maxKeys: 5,
      }),
      list: fc.array(tie("tree"), { maxLength: 4 }),
    }));
    fc.assert(
      fc.property(tree, fc.boolean(), fc.constantFrom(1, 2, 4), (value, indentSeq, indent) => {
        const text = stringify({ chart: [value] }, { indentSeq, indent, aliasDuplicateObjects: false });
        same(text);
        same(`  ${text.trimEnd().replaceAll("\n", "\n  ")}\n`);
      }),
      { numRuns: 1_000 },
    );
  });

  test("whatever lines follow each other", () => {
    const line = fc.tuple(
      fc.constantFrom("", " ", "  ", "   ", "    ", "      "),
      fc.constantFrom(
        "a: 1",
        "b:",
        "- c",
        "- d: e",
        "-",
        "f: |",
        "g: |-",
        "text",
        "# x",
        "",
        "h: 'i",
        'j: "k"',
        "l: [m]",
        "- - n",
        "o: >",
        "p: q r",
        "\tq",
        "r: &s",
        "- *s",
        "---",
        "t: |2",
      ),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 8 }), (lines) => {
        same(lines.map((parts) => parts.join("")).join("\n"));
      }),
      { numRuns: 3_000 },
    );
  });
});
