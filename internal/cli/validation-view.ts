import { durationMs } from "@bufbuild/protobuf/wkt";
import { type ValidationPreview, ValidationStatus, type ValidationStep } from "#gen/larder/v1/repo_manager_pb.ts";
import { countText, sizeText } from "./amounts.ts";
import { printable } from "./printable.ts";
import { fieldLines } from "./table.ts";
import type { Layout, Style } from "./terminal.ts";

const MARKS: Readonly<Record<number, readonly [mark: string, style: Style]>> = {
  [ValidationStatus.PASSED]: ["✔", "green"],
  [ValidationStatus.FAILED]: ["✖", "red"],
  [ValidationStatus.SKIPPED]: ["–", "dim"],
};
/** Of "format_match", the longest step. */
const STEP_WIDTH = 12;

/** One line, and one more for the hint. */
export function describeStep(step: ValidationStep, { paint }: Layout): string[] {
  const [mark, style] = MARKS[step.status] ?? ["?", "dim"];
  const took = step.duration ? Math.round(durationMs(step.duration)) : 0;
  const time = took > 0 ? ` (${took} ms)` : "";
  const lines = [
    `${paint(style, mark)} ${printable(step.id).padEnd(STEP_WIDTH)}  ${printable(step.message)}${time}`.trimEnd(),
  ];
  if (step.hint !== "") lines.push(`  ${" ".repeat(STEP_WIDTH)}  ${paint("yellow", "→")} ${printable(step.hint)}`);
  return lines;
}

/** What a repository with this upstream would be. */
export function describePreview(preview: ValidationPreview, layout: Layout): string[] {
  const { valid, packageCount, versionCount, indexBytes, fileOrigins } = preview;
  const fields = fieldLines(
    [
      ["format", preview.detectedFormat],
      ["upstream URL", preview.canonicalUrl],
      ["packages", packageCount > 0n ? countText(packageCount) : ""],
      ["versions", versionCount > 0n ? countText(versionCount) : ""],
      ["document", indexBytes > 0n ? sizeText(indexBytes) : ""],
      ["file origins", fileOrigins.join(", ")],
    ],
    layout,
  );
  return ["", layout.paint(valid ? "green" : "red", valid ? "valid" : "not valid"), ...fields];
}
