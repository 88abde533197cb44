import { expect, test } from "vitest";
import { readReport } from "./rooms.ts";

const violation = (severity: string) => ({
  from: "internal/a/a.ts",
  to: "internal/b/b.ts",
  rule: { name: "room-a", severity },
});

test.each([
  { files: 12, violations: [], want: { passed: true, text: "12 files" } },
  { files: 12, violations: [violation("info")], want: { passed: true, text: "12 files" } },
  {
    files: 12,
    violations: [violation("error")],
    want: { passed: false, text: "room-a: internal/a/a.ts → internal/b/b.ts" },
  },
  { files: 0, violations: [], want: { passed: false, text: expect.stringContaining("read no file") } },
])("$files files, $violations.length violations: $want.passed", ({ files, violations, want }) => {
  expect(readReport({ summary: { totalCruised: files, violations } })).toEqual(want);
});
