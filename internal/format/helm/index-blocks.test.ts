import fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";
import { openChartIndex } from "./chart-index.ts";
import { parseFailsafeYaml } from "./failsafe-yaml.ts";
import { cutIndex } from "./index-blocks.ts";

function cut(text: string): Record<string, string> | undefined {
  const body = Buffer.from(text);
  const blocks = cutIndex(body);
  return (
    blocks &&
    Object.fromEntries(
      Array.from(blocks.packages, ([name, { start, end }]) => [name, body.toString("utf8", start, end)]),
    )
  );
}

function parsedByBlocks(text: string) {
  const source = {
    body: Buffer.from(text),
    contentType: "",
    url: "http://x/",
    ref: { kind: "", key: "", upstreamPath: "" },
  };
  const { header, packages } = openChartIndex(source);
  return { ...header, entries: Object.fromEntries(Array.from(packages(), ({ name, entries }) => [name, entries])) };
}

test("a package begins at its key and ends before the next or before the end of entries", () => {
  expect(
    cut(
      "---\napiVersion: v1\nentries: # all\n  a:\n  - x: 1\n\n  # b\n  'b':\n    - y: |\n        z\ngenerated: now\n",
    ),
  ).toEqual({
    a: "  a:\n  - x: 1\n\n  # b\n",
    b: "  'b':\n    - y: |\n        z\n",
  });
});

test("the last of two packages of one name counts", () => {
  expect(cut("apiVersion: v1\nentries:\n a:\n - x\n a:\n - y\n")).toEqual({ a: " a:\n - y\n" });
});

test.each([
  ["entries: {}\n"],
  ["entries:\n- a\n"],
  ["entries:\n  a:\n  - x\nentries:\n  b:\n  - y\n"],
  ["entries:\n  a: &x\n  - b\n"],
  ["entries:\n    a:\n  b:\n"],
  ["entries:\n\ta:\n"],
  ["%YAML 1.1\n---\nentries:\n  a:\n"],
  ["entries:\n  a:\n---\nb: c\n"],
  ["entries:\n  ? a\n"],
  ["entries:\n  a:\n  -b:\n"],
  ["apiVersion: v1\n"],
  [""],
])("%j has another shape", (text) => {
  expect(cut(text)).toBeUndefined();
});

test("what the blocks say is what the whole says", () => {
  const text = fc.oneof(
    fc.string(),
    fc.lorem({ maxCount: 30 }),
    fc.constantFrom("1.10", "a\n\nb\n", "x: y", "- z", "# c"),
  );
  const name = fc
    .oneof(fc.stringMatching(/^[a-z][\w.-]{0,8}$/), fc.string({ minLength: 1 }))
    .filter((key) => key !== "__proto__");
  const entry = fc.dictionary(name, fc.oneof(text, fc.array(text), fc.dictionary(name, text)));
  const index = fc.record({
    apiVersion: fc.constant("v1"),
    entries: fc.dictionary(name, fc.array(entry, { maxLength: 3 }), { minKeys: 1 }),
    annotations: fc.dictionary(name, text),
    generated: text,
  });
  fc.assert(
    fc.property(index, fc.constantFrom(1, 2, 4), fc.boolean(), (value, indent, indentSeq) => {
      const written = stringify(value, { indent, indentSeq, aliasDuplicateObjects: false });
      expect(parsedByBlocks(written)).toEqual(parseFailsafeYaml(written));
    }),
    { numRuns: 500 },
  );
});
