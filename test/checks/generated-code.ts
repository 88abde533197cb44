import { join } from "node:path";
import { runCommand } from "../services/command.ts";
import { type StepResult, withFolder } from "./step.ts";

/** Whether gen/ is what buf makes of proto/ now. */
export function checkGeneratedCode(): Promise<StepResult> {
  return withFolder(async (folder) => {
    const generated = await runCommand("buf", ["generate", "--output", folder]);
    if (generated.code !== 0) return { passed: false, text: generated.output };

    const { code, output } = await runCommand("git", ["diff", "--no-index", "--stat", "gen", join(folder, "gen")]);
    if (code === 0) return { passed: true, text: "" };
    return { passed: false, text: `gen/ is not what proto/ says: run npm run generate and commit it\n${output}` };
  });
}
