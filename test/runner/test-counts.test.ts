import { expect, test } from "vitest";
import { closingLine, countTests } from "./test-counts.ts";

const file = (status: "passed" | "failed", ...tests: string[]) => ({
  status,
  assertionResults: tests.map((end) => ({ status: end })),
});

test.each([
  { files: [], want: "0 passed, 0 failed" },
  { files: [file("passed", "passed", "passed")], want: "2 passed, 0 failed" },
  {
    files: [file("failed", "passed", "failed"), file("passed", "skipped", "todo")],
    want: "1 passed, 1 failed, 2 skipped",
  },
  { files: [file("failed")], want: "0 passed, 1 failed" },
  { files: [file("failed", "skipped", "skipped")], want: "0 passed, 1 failed, 2 skipped" },
])("counted: $want", ({ files, want }) => {
  expect(closingLine(countTests({ testResults: files }))).toBe(want);
});
