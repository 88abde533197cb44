/** Tests of a run by their end. */
export interface TestCounts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of vitest's JSON report that is counted. */
export interface VitestReport {
  readonly testResults: readonly {
    readonly status: "passed" | "failed";
    /** passed, failed; everything else (skipped, pending, todo) was not run. */
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export const NO_TESTS: TestCounts = { passed: 0, failed: 0, skipped: 0 };

/** Counts the report; a file that failed outside of its tests (import, beforeAll) is one failed test. */
export function countTests({ testResults }: VitestReport): TestCounts {
  const all = testResults.flatMap((file) => file.assertionResults);
  const passed = all.filter((test) => test.status === "passed").length;
  const failed = all.filter((test) => test.status === "failed").length;
  const brokenFiles = testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.every((test) => test.status !== "failed"),
  ).length;
  return { passed, failed: failed + brokenFiles, skipped: all.length - passed - failed };
}

/** `N passed, N failed`, with `, N skipped` when there are any. */
export function closingLine({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
