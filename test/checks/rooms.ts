import { runCommand } from "../services/command.ts";
import type { StepResult } from "./step.ts";

/** The part of dependency-cruiser's JSON report that is read. */
interface Report {
  readonly summary: {
    readonly totalCruised: number;
    readonly violations: readonly {
      readonly from: string;
      readonly to: string;
      readonly rule: { readonly name: string; readonly severity: string };
    }[];
  };
}

/** Whether every file imports only what its room may. */
export async function checkRooms(): Promise<StepResult> {
  const args = ["cmd", "internal", "test", "--config", ".dependency-cruiser.js", "--output-type", "json"];
  const { stdout, output } = await runCommand("depcruise", args);
  if (!stdout.startsWith("{")) return { passed: false, text: output };
  return readReport(JSON.parse(stdout));
}

/** Judges the report. A run that read no file is a failure: dependency-cruiser passes over files that it cannot parse. */
export function readReport({ summary }: Report): StepResult {
  const { totalCruised, violations } = summary;
  if (totalCruised === 0) {
    return { passed: false, text: "dependency-cruiser read no file: depcruise --info says which parser it misses" };
  }
  const errors = violations.filter(({ rule }) => rule.severity === "error");
  const text = errors.map(({ rule, from, to }) => `${rule.name}: ${from} → ${to}`).join("\n");
  return errors.length === 0 ? { passed: true, text: `${totalCruised} files` } : { passed: false, text };
}
