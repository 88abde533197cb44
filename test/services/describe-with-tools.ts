import { describe, test } from "vitest";
import { findTool, type ToolName } from "./tools.ts";

/**
 * `describe` for tests that drive real clients. When one is missing, the block is one skipped test that names it;
 * `npm test` then says so before its closing line, and fails with CI=true.
 */
export function describeWithTools(names: readonly ToolName[], title: string, body: () => void): void {
  const missing = names.filter((name) => findTool(name) === undefined);
  if (missing.length === 0) describe(title, body);
  else describe(title, () => test("is not run", ({ skip }) => skip(`missing: ${missing.join(", ")}`)));
}
