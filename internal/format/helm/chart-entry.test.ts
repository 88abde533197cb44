import { expect, test } from "vitest";
import { toChartEntry, toIndexHeader } from "./chart-entry.ts";

test.each([
  { field: "version", given: 1.5, want: "1.5" },
  { field: "Version", given: 1.5, want: "1.5" },
  { field: "appVersion", given: true, want: "true" },
  { field: "description", given: null, want: undefined },
  { field: "description", given: { a: 1 }, want: undefined },
  { field: "deprecated", given: "true", want: true },
  { field: "deprecated", given: "No", want: false },
  { field: "deprecated", given: "maybe", want: undefined },
  { field: "created", given: "2016-10-06T16:23:20.499814565-06:00", want: "2016-10-06T16:23:20.499814565-06:00" },
  { field: "created", given: "2016-10-06", want: undefined },
  { field: "sources", given: "https://sources.example", want: ["https://sources.example"] },
  { field: "keywords", given: ["a", 5, null, {}], want: ["a", "5"] },
  { field: "annotations", given: { a: 5, b: [] }, want: { a: "5" } },
  { field: "maintainers", given: [{ name: 7, email: null }, "x"], want: [{ name: "7" }] },
  {
    field: "dependencies",
    given: [{ name: "d", version: 2, enabled: "true", tags: "web", "import-values": ["data"] }],
    want: [{ name: "d", version: "2", enabled: true, tags: ["web"], "import-values": ["data"] }],
  },
  { field: "unknown", given: { kept: [1, true] }, want: { kept: [1, true] } },
])("$field: $given becomes $want", ({ field, given, want }) => {
  expect(toChartEntry({ [field]: given })).toEqual(want === undefined ? {} : { [field]: want });
});

test.each([null, "text", 5, ["list"]])("%j is no entry", (value) => {
  expect(toChartEntry(value)).toBeUndefined();
});

test("a prototype is never set", () => {
  const entry = toChartEntry(JSON.parse('{"__proto__":{"urls":["x"]},"name":"a"}'));
  expect(Object.keys(entry ?? {})).toEqual(["name"]);
  expect(entry?.urls).toBeUndefined();
});

test("the header keeps what it has, in Helm's types", () => {
  expect(
    toIndexHeader({ apiVersion: "v1", generated: "now", serverInfo: null, annotations: { a: 1 }, x: "y" }),
  ).toEqual({
    apiVersion: "v1",
    annotations: { a: "1" },
    x: "y",
  });
});
