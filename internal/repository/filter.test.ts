import { expect, test } from "vitest";
import { parseFilter } from "./filter.ts";

const equals = (field: string, value: string) => ({ field, test: { kind: "equals", value } });

test.each([
  { filter: "", want: [] },
  { filter: "   ", want: [] },
  { filter: 'format = "npm"', want: [equals("format", "npm")] },
  { filter: 'format="npm" AND state = ACTIVE', want: [equals("format", "npm"), equals("state", "ACTIVE")] },
  { filter: 'name = "ngi*"', want: [{ field: "name", test: { kind: "prefix", value: "ngi" } }] },
  { filter: String.raw`name = "a\*"`, want: [equals("name", "a*")] },
  { filter: String.raw`name = "a\"b AND c"`, want: [equals("name", 'a"b AND c')] },
  { filter: "labels.team:*", want: [{ field: "labels.team", test: { kind: "present" } }] },
  { filter: 'labels.example.com/team = "web"', want: [equals("labels.example.com/team", "web")] },
  { filter: "  format = npm  ", want: [equals("format", "npm")] },
])("$filter", ({ filter, want }) => {
  expect(parseFilter(filter)).toEqual(want);
});

test.each([
  "format",
  "format =",
  'format = "npm',
  'format = "npm" state = "ACTIVE"',
  'format = "npm" OR state = "ACTIVE"',
  'format = "npm" AND',
  "format = 'x' ; drop table repository",
  `name = "${"x".repeat(2_000)}"`,
  Array.from({ length: 21 }, () => "format = npm").join(" AND "),
])("refused: %s", (filter) => {
  expect(() => parseFilter(filter)).toThrow(
    expect.objectContaining({ reason: "ARGUMENT_INVALID", facts: { field: "filter" } }),
  );
});
